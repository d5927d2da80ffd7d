"""The judges of what the workflows of a Deploy repo do, and of what starts them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.ci import Act, all_acts, foreign
from apparch.catalogue.model import Text
from apparch.checks._shared import finding
from apparch.deploy.repo import DeployRepo
from apparch.finding import Answer, Unknown
from apparch.repository import Node, Place
from apparch.repository.programs import program
from apparch.repository.workflow import Ran, Reached, Workflow, ran, reached, workflows
from apparch.repository.workflow.events import Event, published_release, pull_request, pushed_branch, pushed_tag, starts

_PRODUCTION = re.compile(r"(^|[^a-z])(prod|production|prd|live)($|[^a-z])", re.IGNORECASE)
_STAGING = re.compile(r"(^|[^a-z])(staging|stage|stg)($|[^a-z])", re.IGNORECASE)
_TAG_INPUT = re.compile(r"tag|version|image|release|sha|revision", re.IGNORECASE)
_SCRIPT = re.compile(r"(deploy|apply|rollout|rollback|upgrade|sync)[\w-]*[.](sh|bash|py)$")
"""A script that is called so, in a Deploy repo, changes a cluster, whatever it calls for it."""
_FILLED_IN = re.compile(r"\$\{?\w*(ARGS|FLAGS|OPTS|OPTIONS|args|flags|opts|options|config)\w*|\[[@*]\]")
_BRANCHES = ("main", "master")


def gop002(deploy: DeployRepo) -> Iterator[Answer]:
    """No workflow builds an image, tests the app or takes in its repository."""
    if not deploy.whole:
        return  # Its workflows are those of the app beside it as well.
    images = _image_names(deploy)
    for each in all_acts(deploy.root):
        if each.meaning == "build":
            ko, en = f"{each.told}: Deploy 레포가 이미지를 빌드한다", f"{each.told}: the Deploy repo builds an image"
            yield finding("GOP002", each.place, ko, en)
    for workflow in workflows(deploy.root):
        for step in (each.step for each in reached(deploy.root, workflow)):
            node = step.given.get("repository") if step.uses and "checkout" in step.uses.name else None
            if node is not None and _last(str(node)) in images:
                yield finding(
                    "GOP002", node.place, f"App 레포 {node}를 체크아웃한다", f"it checks out the App repo {node}"
                )
            for command in ran(deploy.root, step):
                if named := _of_the_app(command, images):
                    yield finding(
                        "GOP002", command.place, f"{named}: App의 일을 한다", f"{named}: that is the app's work"
                    )


def gop003(deploy: DeployRepo) -> Iterator[Answer]:
    """A pull request renders every overlay and validates it with a strict kubeconform."""
    overlays = sorted(deploy.overlays)
    if not overlays:
        return
    started = [each for each in workflows(deploy.root) if any(starts(each, pull_request(b)) for b in _BRANCHES)]
    found = [(each, command) for each in started for command in _validations(deploy, each)]
    if not found:
        others = [job for each in started for job in foreign(deploy.root, each)]
        if others:
            reason = Text(ko="다른 레포의 워크플로우를 부른다", en="it calls a workflow of another repository")
            yield Unknown("GOP003", others[0].place, reason)
            return
        place = started[0].node.key("on") if started else Place(f"{overlays[0]}/kustomization.yaml")
        place = place if started or deploy.root.has(place.path) else deploy.home
        ko, en = "풀 리퀘스트에서 kubeconform이 돌지 않는다", "no pull request runs kubeconform"
        yield finding("GOP003", place, ko, en)
        return
    for _, (step, command) in found:
        words = " ".join(command.command.words)
        told = re.search(r"-strict\b", words) or _FILLED_IN.search(words)
        if not told and "-strict" not in (step.step.run.text or ""):
            yield finding("GOP003", command.place, "kubeconform에 -strict가 없다", "kubeconform runs without -strict")
        if step.step.goes_on.value is True or step.job.goes_on.value is True or command.command.after == "||":
            ko, en = "검증의 실패가 세어지지 않는다", "a failure of the validation does not count"
            yield finding("GOP003", command.place, ko, en)
        yield from _left_out(deploy, step, overlays)
    yield from _paths_left_out(deploy, [each for each, _ in found])


def gop004(deploy: DeployRepo) -> Iterator[Answer]:
    """Production is deployed by hand, with the tag typed in, in an environment that asks a reviewer."""
    told: set[tuple[str, str]] = set()
    for each in _deploys(deploy):
        if not _is_for(each, _PRODUCTION) or (each.workflow.path, each.job.id) in told:
            continue
        told.add((each.workflow.path, each.job.id))
        automatic = [t for t in each.workflow.triggers if t.name not in ("workflow_dispatch", "workflow_call")]
        hand = each.workflow.trigger("workflow_dispatch")
        for trigger in automatic[:1]:
            ko, en = f"{trigger.name}이 프로덕션 배포를 시작한다", f"{trigger.name} starts a production deploy"
            yield finding("GOP004", trigger.place, ko, en)
        if not each.job.environment:
            ko, en = (
                f"job {each.job.id}에 승인자가 있는 environment가 없다",
                f"the job {each.job.id} has no environment",
            )
            yield finding("GOP004", each.job.place, ko, en)
        elif _STAGING.search(each.job.environment):
            node = each.job.node.at("environment")
            ko, en = (
                f"프로덕션을 {each.job.environment} 환경에서 배포한다",
                f"production is deployed in {each.job.environment}",
            )
            yield finding("GOP004", node.place, ko, en)
        if hand and not automatic and each.run and each.run.name != "argocd":
            inputs = dict(hand.filters.at("inputs").items())
            asked = {name: node for name, node in inputs.items() if _TAG_INPUT.search(name)}
            if not asked:
                ko, en = "태그를 입력받지 않는다", "it does not ask for the tag"
                yield finding("GOP004", hand.place, ko, en)
            elif not any(node.at("required").value is True for node in asked.values()):
                name = next(iter(asked))
                ko, en = f"입력 {name}을 비워 둘 수 있다", f"the input {name} may be left empty"
                yield finding("GOP004", hand.filters.at("inputs").key(name), ko, en)


def gop005(deploy: DeployRepo) -> Iterator[Answer]:
    """Staging is deployed by every push to main that changes it."""
    overlay = next((each for each in sorted(deploy.overlays) if _STAGING.search(each.rpartition("/")[2])), None)
    if overlay is None:
        return
    applications = [
        each
        for each in deploy.of_kind("Application", "ApplicationSet", "Kustomization")
        if "argoproj" in str(each.at("apiVersion").text) or "fluxcd" in str(each.at("apiVersion").text)
    ]
    if any(_follows(each) for each in applications):
        return
    found = [each for each in _deploys(deploy) if not _is_for(each, _PRODUCTION)]
    pushed = [each for each in found if any(each.may_happen(pushed_branch(b)) for b in _BRANCHES)]
    files = [path for path in deploy.root.files if path.startswith((f"{overlay}/", f"{_base_of(deploy, overlay)}/"))]
    for each in pushed:
        trigger = each.workflow.trigger("push")
        if trigger and all(trigger.takes_paths([path]) for path in files):
            return
    own = [each for each in applications if _STAGING.search(str(each.at("spec", "source", "path").text))]
    if pushed and (trigger := pushed[0].workflow.trigger("push")):
        missed = next(path for path in files if not trigger.takes_paths([path]))
        ko, en = (
            f"{missed}만 바뀌면 스테이징이 배포되지 않는다",
            f"a push that changes only {missed} does not deploy staging",
        )
        yield finding("GOP005", trigger.filters.key("paths"), ko, en)
    elif found or own:
        place = found[0].workflow.node.key("on") if found else own[0].at("spec").key("syncPolicy")
        ko, en = "main에 push해도 스테이징이 배포되지 않는다", "a push to main does not deploy staging"
        yield finding("GOP005", place, ko, en)
    else:
        reason = Text(ko="무엇이 배포하는지 이 레포에 없다", en="what deploys is not in this repository")
        yield Unknown("GOP005", deploy.home, reason)


def gop006(deploy: DeployRepo) -> Iterator[Answer]:
    """No tag, release or pull request starts a deploy."""
    if not deploy.whole:
        return
    for each in _deploys(deploy):
        for event in (pushed_tag(), published_release(), pull_request("main"), pull_request("master")):
            trigger = each.workflow.trigger(event.name)
            plain = event.tag and event.name == "push" and trigger and not trigger.filters.at("tags").present
            if trigger is None or plain or not each.may_happen(event):
                continue
            place = trigger.filters.key("tags") if event.name == "push" else trigger.place
            ko, en = f"{_started_by(event)}이 배포를 시작한다", f"{_started_by(event)} starts a deploy"
            yield finding("GOP006", place, ko, en)


def _deploys(deploy: DeployRepo) -> Iterator[Act]:
    """What changes a cluster that is not made for a test."""
    found = all_acts(deploy.root)
    testing = {(each.workflow.path, each.job.id) for each in found if each.meaning == "cluster"}
    for each in found:
        if each.meaning == "deploy" and (each.workflow.path, each.job.id) not in testing:
            yield each
    for workflow in workflows(deploy.root):
        for step in reached(deploy.root, workflow):
            for command in ran(deploy.root, step.step):
                run = program(command.command.words)
                if _SCRIPT.match(run.name) and not any("dry-run" in each for each in run.arguments):
                    yield Act("deploy", workflow, step, command.place, run)


def _is_for(act: Act, environment: re.Pattern[str]) -> bool:
    """Whether a deploy is for an environment, by the job's own word, its variables, the command, the file's name."""
    named = act.job.environment
    variables = [str(node) for key, node in act.step.environment.items() if "ENV" in key.upper() or "CONTEXT" in key]
    said = [*variables, *(act.run.arguments if act.run else ()), *(str(node) for node in act.step.given.values())]
    told = any(environment.search(each) for each in said)
    if told or not named:
        return told or bool(environment.search(act.workflow.path.rpartition("/")[2]))
    return bool(environment.search(named))


def _validations(deploy: DeployRepo, workflow: Workflow) -> Iterator[tuple[Reached, Ran]]:
    for each in reached(deploy.root, workflow):
        for command in ran(deploy.root, each.step):
            run = program(command.command.words)
            named = run.name == "kubeconform" or (
                run.name in ("docker", "podman", "xargs", "parallel") and "kubeconform" in " ".join(run.arguments)
            )
            if named and not run.has("-v", "--version") and "-h" not in run.arguments:
                yield each, command


def _left_out(deploy: DeployRepo, step: Reached, overlays: list[str]) -> Iterator[Answer]:
    """The overlays that a matrix of names does not have."""
    for key, node in step.job.matrix.items():
        given = {str(each) for each in node.elements()}
        known = {each.rpartition("/")[2]: each for each in overlays} | {each: each for each in overlays}
        names = {each.rpartition("/")[2] for each in overlays}
        if (
            key not in ("include", "exclude")
            and given & set(known)
            and (missing := names - {g.rpartition("/")[2] for g in given})
        ):
            listed = ", ".join(sorted(missing))
            yield finding("GOP003", node.place, f"{listed}을 검증하지 않는다", f"{listed} is not validated")


def _paths_left_out(deploy: DeployRepo, found: list[Workflow]) -> Iterator[Answer]:
    manifests = [path for path in deploy.manifests if "/overlays/" in f"/{path}" or "/base/" in f"/{path}"]
    for workflow in dict.fromkeys(found):
        trigger = workflow.trigger("pull_request")
        missed = next((path for path in manifests if trigger and not trigger.takes_paths([path])), None)
        if trigger is None or missed is None:
            return
        ko, en = (
            f"{missed}를 바꾸는 풀 리퀘스트를 검증하지 않는다",
            f"a pull request that changes {missed} is not validated",
        )
        yield finding("GOP003", trigger.filters.key("paths"), ko, en)


def _image_names(deploy: DeployRepo) -> frozenset[str]:
    """The last steps of the names of the images that are deployed: those of the apps' repositories."""
    names: set[str] = set()
    for each in deploy.kustomizations.values():
        for image in each.at("images").elements():
            names |= {str(image.at(key).text) for key in ("name", "newName") if image.at(key).text}
    for workload in deploy.of_kind("Deployment", "StatefulSet", "CronJob", "Job"):
        names |= {str(node.at("image").text) for node in _containers(workload) if node.at("image").text}
    return frozenset(_last(each.partition("@")[0].partition(":")[0]) for each in names)


def _containers(workload: Node) -> list[Node]:
    template = workload.at("spec", "jobTemplate") if workload.at("spec", "jobTemplate").present else workload
    return template.at("spec", "template", "spec", "containers").elements()


def _of_the_app(command: Ran, images: frozenset[str]) -> str:
    run = program(command.command.words)
    if (run.does("git", "clone") or run.does("gh", "repo", "clone")) and any(_last(w) in images for w in run.words):
        return " ".join((run.name, *run.words))
    inside = run.name in ("docker", "podman") and run.words[:1] == ("run",)
    tests = {"pytest", "jest", "vitest", "rspec", "phpunit"} & set(run.words)
    return " ".join((run.name, *run.words[:2])) if inside and tests else ""


def _last(name: str) -> str:
    return name.rstrip("/").removesuffix(".git").rpartition("/")[2].rpartition(":")[2]


def _follows(application: Node) -> bool:
    """Whether what watches the repository brings staging to what main says by itself."""
    if "fluxcd" in str(application.at("apiVersion").text):
        return True
    spec = application.at("spec", "template", "spec") if application.at("kind").text == "ApplicationSet" else None
    spec = spec or application.at("spec")
    source = spec.at("source") if spec.at("source").present else spec.at("sources", 0)
    about = f"{source.at('path')} {spec.at('destination', 'namespace')} {application.at('metadata', 'name')}"
    staging = application.at("kind").text == "ApplicationSet" or bool(_STAGING.search(about))
    on_main = str(source.at("targetRevision").text or "HEAD") in ("main", "master", "HEAD")
    automated = spec.at("syncPolicy", "automated")
    return staging and on_main and automated.present and automated.at("enabled").value is not False


def _base_of(deploy: DeployRepo, overlay: str) -> str:
    top = overlay.rpartition("overlays/")[0]
    return f"{top}base".strip("/")


def _started_by(event: Event) -> str:
    if event.name == "push":
        return "the push of a tag" if event.tag else "a push"
    return event.name
