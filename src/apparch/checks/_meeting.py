"""The judges of how the two repositories meet: OWN001, in a tag and in nothing else, and OWN022, in one image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.repo import AppRepo
from apparch.app.stages import released
from apparch.catalogue.model import Text
from apparch.checks._deploy import app_pods, spot
from apparch.checks._own_flow import is_deploy_name
from apparch.checks._shared import finding
from apparch.checks.whole import Whole
from apparch.deploy.images import is_placeholder, parts
from apparch.deploy.repo import DeployRepo
from apparch.deploy.stages import Stage, stage
from apparch.finding import Answer, Finding, Related
from apparch.repository import Node, Place
from apparch.repository.programs import program
from apparch.repository.workflow import ran, reached, workflows

_REMOTE = re.compile(
    r"(?:https?://|git::|ssh://|git@)?github\.com[/:](?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?(?://|[/?@]|$)"
)
_DISPATCHES = re.compile(r"/repos/(?P<name>[^\s\"']+?)/(?:actions/workflows/[^\s\"']+/)?dispatches\b")
_OWN = re.compile(r"GITHUB_REPOSITORY|github\.repository\b|\{owner\}")
_ENVIRONMENT_ARG = re.compile(r"(?:\w+_)?(?:ENV|ENVIRONMENT|STAGE|PROFILE|NODE_ENV|RAILS_ENV)")
_VARIABLE = re.compile(r"\$\{?(\w+)")


def own001(whole: Whole) -> Iterator[Answer]:
    """No event, call or shared file leads from one repository to the other."""
    if whole.apps and whole.deploys:
        return  # one repository is what PLT001 is about
    for app in whole.apps[:1]:
        yield from _sent(app)
    for deploy in whole.deploys:
        if not deploy.directory:
            yield from _awaited(deploy)
        yield from _shared_files(deploy)


def _sent(app: AppRepo) -> Iterator[Answer]:
    """Events that the app's CI sends to the repository that deploys it."""
    for workflow in workflows(app.root):
        for each in reached(app.root, workflow):
            target = each.step.given.get("repository") if each.step.uses else None
            sends = each.step.uses and each.step.uses.name == "peter-evans/repository-dispatch"
            if sends and target is not None and not _OWN.search(str(target)) and is_deploy_name(str(target)):
                yield _told(target.place, str(target))
            for command in ran(app.root, each.step):
                words = " ".join(command.command.words)
                found = _DISPATCHES.search(words)
                name = found["name"] if found else ""
                run = program(command.command.words)
                if run.does("gh", "workflow", "run"):
                    name = next(iter(run.option("-R", "--repo")), "")
                if name and not _OWN.search(name) and is_deploy_name(name):
                    yield _told(command.place, name)


def _told(place: Place, name: str) -> Answer:
    return finding("OWN001", place, f"{name}에 이벤트를 보낸다", f"it sends an event to {name}")


def _awaited(deploy: DeployRepo) -> Iterator[Answer]:
    for workflow in workflows(deploy.root):
        event = workflow.trigger("repository_dispatch")
        if event is not None:
            ko, en = "다른 레포가 보내는 이벤트를 기다린다", "it waits for an event that another repository sends"
            yield finding("OWN001", event.place, ko, en)


def _shared_files(deploy: DeployRepo) -> Iterator[Answer]:
    """What a kustomization takes from the repository that an image is built in."""
    images = {parts(str(container.at("image")))[0].rpartition("/")[2] for _, container in app_pods(deploy)}
    for node in deploy.kustomizations.values():
        for field in ("resources", "bases", "components"):
            for entry in node.at(field).elements():
                found = _REMOTE.match(entry.text or "")
                if found and found["name"] in images:
                    ko, en = f"App 레포 {found['name']}의 파일을 쓴다", f"it uses files of the App repo {found['name']}"
                    yield finding("OWN001", entry.place, ko, en)


def own022(whole: Whole) -> Iterator[Answer]:
    """One image is built, and every environment runs it."""
    for app in whole.apps:
        yield from _built_for(app)
    for deploy in whole.deploys:
        yield from _run_by(deploy)


def _built_for(app: AppRepo) -> Iterator[Answer]:
    """Files that an argument of the build chooses by the environment."""
    for _, stages in released(app):
        for each in stages:
            arguments = {key for instruction in each.all("ARG") for key, _ in instruction.assignments}
            for instruction in (*each.all("COPY"), *each.all("ADD")):
                source = instruction.rest.split()[0] if instruction.rest.split() else ""
                chosen = [
                    key for key in _VARIABLE.findall(source) if key in arguments and _ENVIRONMENT_ARG.fullmatch(key)
                ]
                if chosen:
                    yield finding(
                        "OWN022",
                        instruction.place,
                        f"빌드 인자 {chosen[0]}에 따라 환경마다 다른 이미지가 된다",
                        f"the build argument {chosen[0]} makes another image for each environment",
                    )


def _run_by(deploy: DeployRepo) -> Iterator[Answer]:
    """Images that are the same but for the word of an environment in their names."""
    seen: dict[str, tuple[Stage, Node]] = {}
    for each, container in app_pods(deploy):
        image = container.at("image")
        name = parts(image.text or "")[0]
        own = stage(name.rpartition("/")[2])
        if each.environment is None or own is None or is_placeholder(image.text or ""):
            continue
        plain = "/".join((name.rpartition("/")[0], _without(name.rpartition("/")[2])))
        before, there = seen.setdefault(plain, (own, image))
        if before != own:
            related = (Related(spot(there), Text(ko=f"{before}의 이미지", en=f"the image of {before}")),)
            message = Text(
                ko=f"환경마다 이미지가 다르다: {parts(there.text or '')[0]}, {name}",
                en=f"environments run images of their own: {parts(there.text or '')[0]} and {name}",
            )
            yield Finding("OWN022", spot(image), message, related)


def _without(name: str) -> str:
    """A name without the word of an environment."""
    return "-".join(word for word in re.split(r"[-_.]", name) if stage(word) is None)
