"""The judges of what the CI of an App repo takes from elsewhere, yields beside an image, and deploys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.ci import all_acts
from apparch.app.identity import is_own
from apparch.app.meanings import meanings
from apparch.app.recipes import recipes
from apparch.app.repo import AppRepo
from apparch.app.stages import released, shipped
from apparch.catalogue.model import Text
from apparch.checks._shared import finding
from apparch.finding import Answer, Finding, Related
from apparch.repository import Node, Place
from apparch.repository.path_names import ending, name
from apparch.repository.places import spot
from apparch.repository.programs import Program, program
from apparch.repository.roles import role
from apparch.repository.shell import parse_commands
from apparch.repository.workflow import Ran, Step, ran, reached, workflows
from apparch.repository.workflow.events import published_release, pushed_branch, pushed_tag

_DEPLOYERS = frozenset({"kubectl", "helm", "helmfile", "oc", "argocd", "flux"})
_SCRIPTS = (".sh", ".bash")
_MAKEFILES = frozenset({"Makefile", "makefile", "GNUmakefile", "justfile", "Justfile"})
_TRIAL = re.compile(
    r"kind|minikube|k3d|local|(^|[-_/.])(dev|e2e|tests?|sandbox|demo|playground)([-_/.]|$)", re.IGNORECASE
)
"""A script or target that is called so works on a cluster of one's own."""
_DEPLOY_NAME = re.compile(
    r"(^|[-_.])(deploy|deploys|deployment|deployments|gitops|git-ops|argo-?cd|flux|infra|infrastructure|manifests|k8s"
    r"|kubernetes|helm-charts|environments)$",
    re.IGNORECASE,
)
_PROJECTS = frozenset(
    str.split("""
    kubernetes kubernetes-sigs argoproj fluxcd helm prometheus-community bitnami grafana actions hashicorp
    terraform-aws-modules ansible k3s-io rancher istio cncf openshift
    """)
)
"""Owners of projects whose names say what they are about."""
_ADDRESS = re.compile(r"(?:https?|ssh|git)://\S+|git@\S+:\S+|\$\{\{[^}]*server_url[^}]*\}\}/\S+")
_TRIAL_RUN = re.compile(r"\$\{?\w*(DRY_?RUN|NO_?(UPLOAD|PUSH|PUBLISH)|SKIP|SNAPSHOT|SIMULAT|LOCAL)\w*", re.IGNORECASE)
"""A variable by which a script is told to send nothing away."""
_REPORTS = re.compile(
    r"report|coverage|junit|result|test|log|screenshot|trace|sarif|digest|bench|lint|scan|playwright|snapshot|debug|sbom"
    r"|attest|metadata|dump|video|(?<![a-z])(?:docs?|documentation|site|pages?|html|manual)(?![a-z])",
    re.IGNORECASE,
)
_OF_DOCS = re.compile(r"(^|[-_./])(docs?|documentation|site|website|pages)([-_./]|$)", re.IGNORECASE)
"""A workflow or a job that is called so builds documents, not the image."""
_PRODUCT = re.compile(
    r"(^|/)(dist|build|target|out|bin|release|pkg)(/|$)|[.](whl|jar|zip|tgz|tar[.]gz|deb|rpm|exe|war)$"
)
_TARGET = re.compile(r"^([\w./%-]+(?:\s+[\w./%-]+)*)\s*::?(?!=)", re.MULTILINE)


def own002(app: AppRepo) -> Iterator[Answer]:
    """CI sends nothing away but an image."""
    events = (pushed_branch(), pushed_branch("master"), pushed_tag(), published_release())
    for each in all_acts(app.root):
        trial = _TRIAL_RUN.search(each.guard)
        if each.meaning == "publish" and not trial and any(each.may_happen(event) for event in events):
            ko, en = f"{each.told}: 이미지가 아닌 것을 내보낸다", f"{each.told}: it sends away what is no image"
            yield finding("OWN002", each.place, ko, en)
    for told in recipes(app):
        if told.by == "ci" and "publish" in meanings(told.run, app.root):
            said = _said(told.run)
            ko, en = f"{said}: 이미지가 아닌 것을 내보낸다", f"{said}: it sends away what is no image"
            yield finding("OWN002", told.place, ko, en)
    for workflow in workflows(app.root):
        steps = [each.step for each in reached(app.root, workflow)]
        if any(step.uses and step.uses.name == "actions/download-artifact" for step in steps):
            continue
        for step in steps:
            if step.uses and step.uses.name == "actions/upload-artifact" and _is_product(step):
                ko, en = "이미지가 아닌 산출물을 남긴다", "it leaves an artefact that is no image"
                yield finding("OWN002", step.uses.place, ko, en)


def own014(app: AppRepo) -> Iterator[Answer]:
    """No script deploys."""
    for path in app.files:
        last = name(path)
        is_script = last.endswith((*_SCRIPTS, ".bat", ".cmd", ".ps1")) or last in _MAKEFILES
        if not is_script or role(path) not in ("product", "development"):
            continue
        if not _TRIAL.search(last.removesuffix(ending(path))):
            text = app.root.text(path)
            if isinstance(text, str):
                yield from _deploying_lines(app, path, text)
    yield from _deployed_by_others(app)


def own019(app: AppRepo) -> Iterator[Answer]:
    """Nothing names the Deploy repo to take it in or to write to it."""
    for path in app.files:
        if name(path) == ".gitmodules":
            text = app.root.text(path)
            for match in re.finditer(r"^[ \t]*url\s*=\s*(\S+)", text, re.MULTILINE) if isinstance(text, str) else ():
                if is_deploy_name(match[1]):
                    place = spot(path, str(text), match.start(1), match.end(1))
                    yield _names("OWN019", place, "submodule", match[1])
    for workflow in workflows(app.root):
        for each in reached(app.root, workflow):
            node = _other_repository(each.step)
            if node is not None and is_deploy_name(str(node)):
                yield _names("OWN019", node.place, "checkout", str(node))
            for command in ran(app.root, each.step):
                if (named := _addressed(app, command)) and is_deploy_name(named):
                    yield _names("OWN019", command.place, "command", named, command.trail[:1])


def own020(app: AppRepo) -> Iterator[Answer]:
    """A job that builds the image takes in no repository but its own."""
    builds = [
        each
        for each in all_acts(app.root)
        if each.meaning == "build" and not any(map(_OF_DOCS.search, (name(each.workflow.path), each.job.id)))
    ]
    seen: set[Place] = set()
    for each in builds:
        context = each.step.given.get("context") if each.run is None else None
        if (
            context is not None
            and not is_own(app, str(context))
            and re.match(r"(https?|git|ssh)://|git@", str(context))
        ):
            ko, en = f"빌드의 컨텍스트가 {context}다", f"the context of the build is {context}"
            yield finding("OWN020", context.place, ko, en)
        for step in each.job.steps:
            if step.place not in seen:
                seen.add(step.place)
                yield from _taken(app, step)
    for path, stages in released(app):
        for instruction in (each for stage in shipped(stages) for each in stage.all("RUN")):
            for command in parse_commands(re.sub(r"--(mount|network|security)=\S+\s*", "", instruction.argument)):
                run = program(command.words)
                if run.does("git", "clone") and not is_own(app, _cloned(run.words[1:])):
                    ko, en = f"{path}가 git clone을 한다", f"{path} runs git clone"
                    yield finding("OWN020", instruction.place, ko, en)


def _cloned(words: tuple[str, ...]) -> str:
    """The address among the words of a clone, before which options may have values."""
    return next((word for word in words if re.search(r"[/:$]", word)), next(iter(words), ""))


def _deployed_by_others(app: AppRepo) -> Iterator[Answer]:
    """What another CI, a script of package.json or a Taskfile deploys, in a file that makes no cluster to try on."""
    found = recipes(app)
    trying = {each.place.path for each in found if "cluster" in meanings(each.run, app.root)}
    for each in found:
        path = each.place.path
        is_told = each.by in ("ci", "package") or name(path).startswith("Taskfile")
        if is_told and each.run.name in _DEPLOYERS and path not in trying and "deploy" in meanings(each.run, app.root):
            yield finding("OWN014", each.place, f"{_said(each.run)}로 배포한다", f"it deploys by {_said(each.run)}")


def is_deploy_name(address: str) -> bool:
    """Whether a repository is called as one that holds what is deployed."""
    owner, _, last = address.rstrip("/").removesuffix(".git").replace(":", "/").rpartition("/")
    return bool(_DEPLOY_NAME.search(last)) and owner.rpartition("/")[2].lower() not in _PROJECTS


def _taken(app: AppRepo, step: Step) -> Iterator[Answer]:
    node = _other_repository(step)
    if node is not None:
        yield _names("OWN020", node.place, "checkout", str(node))
    submodules = step.given.get("submodules") if step.uses and step.uses.name == "actions/checkout" else None
    if submodules is not None and str(submodules).lower() in ("true", "recursive") and app.root.has(".gitmodules"):
        ko, en = "빌드가 서브모듈을 체크아웃한다", "the build checks out submodules"
        yield finding("OWN020", submodules.place, ko, en)
    for command in ran(app.root, step):
        run = program(command.command.words)
        if run.does("git", "clone") or run.does("gh", "repo", "clone"):
            named = _addressed(app, command) or next((word for word in run.words if "$" in word), run.words[-1])
            if not is_own(app, named):
                yield _names("OWN020", command.place, "command", named, command.trail[:1])


def _other_repository(step: Step) -> Node | None:
    """The repository that a checkout names, where it is not the one that runs."""
    if step.uses is None or step.uses.name != "actions/checkout":
        return None
    node = step.given.get("repository")
    text = (node.text or "").strip() if node is not None else ""
    own = re.fullmatch(r"\$\{\{\s*(github\.repository|github\.event\.[\w.]*full_name|inputs\.[\w-]+)\s*\}\}", text)
    return None if not text or own else node


def _addressed(app: AppRepo, command: Ran) -> str:
    """The repository that a git command names, or the folder beside this one that a command takes."""
    run = program(command.command.words)
    if run.name == "git" and {"clone", "push", "remote", "subtree", "submodule"} & set(run.words[:2]):
        return next((word for word in run.words if _ADDRESS.match(word)), "")
    if run.does("gh", "repo", "clone") and len(run.words) > 2:
        return run.words[2]
    named = (found for word in run.arguments if (found := _beside(word)))
    return next((each for each in named if not any(path.startswith(f"{each}/") for path in app.root.files)), "")


def _beside(word: str) -> str:
    match = re.match(r"(?:\.\./)+([\w.-]+)(/|$)", word)
    return match[1] if match and is_deploy_name(match[1]) else ""


def _names(rule: str, place: Place, by: str, name: str, trail: tuple[Place, ...] = ()) -> Finding:
    related = tuple(Related(each, Text(ko="여기서 부른다", en="called from here")) for each in trail)
    ko = {"submodule": "서브모듈", "checkout": "체크아웃", "command": "명령"}[by]
    return Finding(rule, place, Text(ko=f"{ko}이 {name}을 부른다", en=f"a {by} names {name}"), related)


def _deploying_lines(app: AppRepo, path: str, text: str) -> Iterator[Answer]:
    make = name(path) in _MAKEFILES
    body = re.sub(r"\$[({](KUBECTL|HELM)[)}]", lambda match: match[1].lower(), text) if make else text
    if make:
        body = re.sub(r"^(\t| {2,})[@+-]+", r"\1", body, flags=re.MULTILINE)
    commands = parse_commands(body)
    if not make and any("cluster" in meanings(program(each.words), app.root) for each in commands):
        return
    for command in commands:
        run = program(command.words)
        if run.name in _DEPLOYERS and "deploy" in meanings(run, app.root):
            if make and _TRIAL.search(_target_of(body, command.begin)):
                continue
            line = body.count("\n", 0, command.begin) + 1
            place = Place(path, line) if make else spot(path, text, command.begin, command.end)
            yield finding("OWN014", place, f"{_said(run)}로 배포한다", f"it deploys by {_said(run)}")


def _target_of(makefile: str, at: int) -> str:
    names = [match[1] for match in _TARGET.finditer(makefile, 0, at)]
    return names[-1] if names else ""


def _said(run: Program) -> str:
    given = set(run.option("-n", "--namespace", "--context", "--kubeconfig", "--kube-context"))
    return " ".join((run.name, *[word for word in run.words if word not in given][:1]))


def _is_product(step: Step) -> bool:
    given = " ".join(str(step.given[key]) for key in ("name", "path") if key in step.given)
    condition = str(step.node.at("if").text or "")
    if _REPORTS.search(given) or re.search(r"failure\(|always\(|cancelled\(", condition):
        return False
    return any(
        _PRODUCT.search(line.strip().rstrip("*").rstrip("/")) for line in str(step.given.get("path", "")).splitlines()
    )
