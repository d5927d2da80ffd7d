"""The judges of what a Deploy repo's scripts and workflows do by themselves: waiting, tags that move, running again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.addresses import address_of
from apparch.checks._commands import THROWN_AWAY, Said, kubectl, said
from apparch.checks._deploy import app_pods, finding, of_kind
from apparch.checks._served import is_for_development
from apparch.deploy.images import is_placeholder, is_somebody_elses, parts
from apparch.deploy.repo import DeployRepo
from apparch.deploy.stages import stage
from apparch.finding import Answer
from apparch.repository import Node
from apparch.repository.kustomize.objects import kind, name
from apparch.repository.roles import role
from apparch.repository.shell import Command
from apparch.repository.workflow import ran, reached, workflows

MOVING = frozenset(
    str.split("""
    latest main master head edge nightly dev devel develop development test testing qa staging stage stg prod
    production stable current release canary
    """)
)
_WAITS = re.compile(r"\brollout status\b|\bkubectl\b.* wait\b|--wait\b|--atomic\b|\bapp wait\b|\bwait[-_]for\b")
_WAITING_ACTION = re.compile(r"deploy|rollout|helm|kube", re.IGNORECASE)
_HARD_TO_UNDO = re.compile(
    r"\bkubectl\b[^\n|;&]* delete\b|\bhelm (uninstall|delete)\b|\bterraform destroy\b|\bdropdb\b"
    r"|\bDROP (DATABASE|SCHEMA|TABLE)\b"
    r"|\bpg_restore\b[^\n]*--clean|\brm -[a-z]*[rR][a-z]* +[\"']?/(?!tmp\b|dev/shm)\w"
)
_UPDATER = "argocd-image-updater.argoproj.io/"


def gop008(deploy: DeployRepo) -> Iterator[Answer]:
    """Who applies an environment waits for its rollout, for a set time."""
    if not deploy.directory:
        yield from _workflows_that_go_on(deploy)
    for each in said(deploy):
        call = kubectl(each.command) if each.source != "text" else None
        if not call or call[0] != "rollout status" or {"-h", "--help"} & set(call[1]):
            continue
        if not any(word.startswith(("--timeout", "--watch=false", "$", '"$')) for word in call[1]) and not _is_bounded(
            deploy, each
        ):
            yield finding(
                "GOP008",
                each.place,
                "kubectl rollout status에 --timeout이 없다",
                "kubectl rollout status has no --timeout",
            )
        elif re.search(r"\|\|\s*(true|:)(\s|$)", each.line):
            yield finding(
                "GOP008",
                each.place,
                "롤아웃이 실패해도 0으로 끝난다",
                "a rollout that fails ends with 0 all the same",
            )


def _is_bounded(deploy: DeployRepo, each: Said) -> bool:
    """Whether the job that waits has a limit of its own, or something around the call brings one."""
    if each.source == "workflow" or "timeout" in each.line.partition("kubectl")[0]:
        return True
    text = deploy.root.text(each.place.path)
    line = text.splitlines()[each.place.line - 1] if isinstance(text, str) else ""
    return "timeout" in line.partition("kubectl")[0]


def _workflows_that_go_on(deploy: DeployRepo) -> Iterator[Answer]:
    for workflow in workflows(deploy.root):
        steps = list(reached(deploy.root, workflow))
        found = [(each, command) for each in steps for command in ran(deploy.root, each.step)]
        text = str(deploy.root.text(workflow.path))
        if THROWN_AWAY.search(text) or any(_WAITS.search(" ".join(command.command.words)) for _, command in found):
            continue
        if any(each.step.uses and _WAITING_ACTION.search(each.step.uses.name) and each.step.given for each in steps):
            continue
        for _, command in found:
            if _applies(command.command):
                yield finding(
                    "GOP008",
                    command.place,
                    "환경을 적용하고 롤아웃을 기다리지 않는다",
                    "it applies an environment and does not wait for the rollout",
                )
                break


def _applies(command: Command) -> bool:
    """Whether a command applies what kustomize renders for an environment, for good."""
    call = kubectl(command)
    if call is None or call[0] != "apply" or any(word.startswith("--dry-run") for word in call[1]):
        return False
    rest = list(call[1])
    where = next((rest[at + 1] for at, word in enumerate(rest[:-1]) if word in ("-k", "--kustomize")), "")
    return stage(where) in ("production", "staging") or bool(re.search(r"overlays?/|environments?/", where))


def img007(deploy: DeployRepo) -> Iterator[Answer]:
    """What deploys names no tag that moves."""
    for each in said(deploy):
        if each.source != "text" and (image := _set_by(each.command)):
            yield finding(
                "IMG007",
                each.place,
                f"배포가 옮겨 다니는 태그를 쓴다: {image}",
                f"a deploy names a tag that moves: {image}",
            )
    for one, container in app_pods(deploy):
        stated = container.at("image")
        plain = (
            (one.environment is None or one.environment.stage is None) and one.complete and not is_for_development(one)
        )
        if plain and stated.text and not is_placeholder(stated.text) and moves(stated.text):
            yield finding(
                "IMG007",
                stated,
                f"{kind(one.node)} {name(one.node)}: 옮겨 다니는 태그를 쓴다: {stated}",
                f"the {kind(one.node)} {name(one.node)} runs a tag that moves: {stated}",
            )
    for declared in of_kind(deploy, "Application", "ApplicationSet", "HelmRelease"):
        if stage(f"{declared.node.place.path}/{name(declared.node)}") != "development":
            yield from _stated(declared.node)


def _set_by(command: Command) -> str:
    """The image, or value, with a tag that moves that a command sets."""
    words = command.words
    if command.name == "kustomize" and words[1:4] == ("edit", "set", "image"):
        return next((word for word in words[4:] if moves(word.rpartition("=")[2])), "")
    call = kubectl(command)
    if call and call[0] == "set image":
        return next((word for word in call[1] if "=" in word and moves(word.partition("=")[2])), "")
    if command.name == "helm" and {"upgrade", "install"} & set(words[1:3]):
        for word in words:
            for setting in word.removeprefix("--set=").removeprefix("--set-string=").split(","):
                key, _, value = setting.partition("=")
                if re.fullmatch(r"([\w-]+[.])*(image[.])?(tag|imageTag)", key) and value.lower() in MOVING:
                    return setting
    return ""


def moves(image: str) -> bool:
    """Whether an image is named by a tag that is given to another one later."""
    _, tag, digest = parts(image)
    return not digest and tag.lower() in MOVING and not is_somebody_elses(image)


def _stated(node: Node) -> Iterator[Answer]:
    for below in node.walk():
        for entry in below.at("kustomize", "images").elements():
            if entry.text and moves(entry.text.rpartition("=")[2]):
                yield _of(node, entry, entry.text)
        for entry in below.at("helm", "parameters").elements():
            value = entry.at("value")
            if (entry.at("name").text or "").lower().endswith(("image.tag", "imagetag")) and str(
                value
            ).lower() in MOVING:
                yield _of(node, value, f"{entry.at('name')}={value}")
    image = node.at("spec", "values", "image")
    repository = image.at("repository").text or ""
    if repository and not is_placeholder(repository) and moves(f"{repository}:{image.at('tag')}"):
        yield _of(node, image.at("tag"), f"{repository}:{image.at('tag')}")
    for key, value in node.at("metadata", "annotations").items():
        if key.startswith(_UPDATER) and key.endswith("update-strategy") and value.text == "digest":
            yield _of(node, value, f"{key.rpartition('/')[2]}: digest")


def _of(node: Node, where: Node, words: str) -> Answer:
    return finding(
        "IMG007",
        where,
        f"{kind(node)} {name(node)}: 옮겨 다니는 태그를 따른다: {words}",
        f"the {kind(node)} {name(node)} follows a tag that moves: {words}",
    )


def man014(deploy: DeployRepo) -> Iterator[Answer]:
    """A script in _shared/scripts can run again, names no server, and rehearses what is hard to undo."""
    home = f"{deploy.repository.prefix}_shared/scripts/"
    first: set[str] = set()
    for each in said(deploy):
        path = each.place.path
        if each.source != "script" or not path.startswith(home) or role(path) not in ("product", "development"):
            continue
        text = deploy.root.text(path)
        words = " ".join(each.command.words)
        if server := _server(each.command):
            yield finding(
                "MAN014",
                each.place,
                f"스크립트에 서버 {server}가 적혀 있다",
                f"the script names the server {server}",
            )
        elif not _again(each):
            yield finding(
                "MAN014",
                each.place,
                f"두 번째 실행은 실패한다: {words[:60]}",
                f"a second run of it fails: {words[:60]}",
            )
        elif _HARD_TO_UNDO.search(words) and path not in first and "dry" not in str(text).lower():
            first.add(path)
            yield finding(
                "MAN014",
                each.place,
                f"되돌리기 어려운 일에 --dry-run이 없다: {words[:60]}",
                f"what it does is hard to undo, and it offers no --dry-run: {words[:60]}",
            )


def _server(command: Command) -> str:
    for word in (*command.words[1:], *(value for _, value in command.assignments)):
        address = address_of(word.partition(":")[0] if re.match(r"[\w.-]+@[\w.-]+:", word) else word)
        own = address is not None and address.kind in ("ip", "private", "internal")
        if address is not None and own and not address.shown.endswith(".cluster.local"):
            return address.shown
    return ""


def _again(each: Said) -> bool:
    """Whether a command may run twice: what creates and installs is the known exception."""
    call = kubectl(each.command)
    if call and (call[0] == "create" or call[0].startswith("create ")):
        unharmed = any(word.startswith("--dry-run") for word in call[1]) or "generateName" in each.line
        return unharmed or "||" in (each.command.after, each.command.before) or call[0] == "create token"
    if each.command.name == "helm" and each.command.words[1:2] == ("install",):
        return "||" in (each.command.after, each.command.before)
    return True
