"""The judges of the family WFL: the workflows of an App repo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from apparch.app.ci import Act, all_acts
from apparch.app.repo import AppRepo
from apparch.catalogue.model import Text
from apparch.checks._shared import finding
from apparch.checks._wfl_gates import wfl002, wfl003, wfl004, wfl005
from apparch.finding import Answer, Finding, Related, Unknown
from apparch.repository import Place
from apparch.repository.shell import parse_commands
from apparch.repository.workflow import Job, Uses, Workflow, actions, workflows
from apparch.repository.workflow.events import published_release, pushed_branch, pushed_tag, starts, value

FLOW = ("test", "build", "release")
_BY_TAG_ONLY = frozenset({"slsa-framework/slsa-github-generator"})
"""What refuses to run when it is named by a commit."""
_QUIET = ("actions/checkout", "actions/setup-", "actions/cache", "actions/upload-artifact", "actions/download-artifact")
_SBOMS = ("sbom", "attest", "syft", "cyclonedx")

_SIGNS = re.compile(
    r"\bcosign\b|sigstore|gitsign|ACTIONS_ID_TOKEN|\boidc\b|\b(?:npm|pnpm|yarn|uv|poetry|cargo|gem|hatch|flit|twine)\s+"
    r"(?:\S+\s+)?(?:publish|push|upload)\b",
    re.IGNORECASE,
)
"""What a command says that takes the job's identity without naming its token."""


def wfl001(app: AppRepo) -> Iterator[Answer]:
    """No workflow deploys or provisions; what is done to a cluster made for a test is no deployment."""
    found = all_acts(app.root)
    testing = {(each.workflow.path, each.job.id) for each in found if each.meaning == "cluster"}
    for each in found:
        apart = (each.workflow.path, each.job.id) not in testing and not _serves_cluster(each.job)
        if each.meaning == "deploy" and apart:
            message = Text(ko=f"{each.told}: 워크플로우가 배포한다", en=f"{each.told}: a workflow deploys")
            yield Finding("WFL001", each.place, message, called_from(each))


def wfl006(app: AppRepo) -> Iterator[Answer]:
    """release.yml starts when a version tag is pushed."""
    for each in workflows(app.root):
        if _stem(each) != "release":
            continue
        push = each.trigger("push")
        if push and starts(each, pushed_tag()):
            if {"*", "**"} & set(push.listed("tags")):
                ko, en = "어느 이름의 태그로든 시작된다", "a tag of any name starts it"
                yield finding("WFL006", push.filters.key("tags"), ko, en)
            continue
        if [trigger.name for trigger in each.triggers] == ["workflow_call"]:
            reason = Text(ko="다른 워크플로우가 부를 때만 돈다", en="it runs only where another workflow calls it")
            yield Unknown("WFL006", each.node.key("on"), reason)
            continue
        names = ", ".join(trigger.name for trigger in each.triggers)
        yield finding(
            "WFL006",
            each.node.key("on"),
            f"버전 태그의 push가 아니라 {names}로 시작된다",
            f"it is started by {names} and not by the push of a version tag",
        )


def wfl007(app: AppRepo) -> Iterator[Answer]:
    """No workflow may write by itself, and no job that does not need to."""
    for workflow in workflows(app.root):
        given = workflow.permissions
        for scope in sorted(given.writes):
            said = "write-all" if scope == "*" else f"{scope}: write"
            ko, en = f"워크플로우의 맨 위가 {said}를 준다", f"the workflow's top grants {said}"
            yield finding("WFL007", given.place(scope) if scope != "*" else given.node.place, ko, en)
        for job in workflow.jobs:
            if "*" in job.permissions.writes:
                ko, en = f"job {job.id}에 write-all을 준다", f"the job {job.id} is granted write-all"
                yield finding("WFL007", job.permissions.node.place, ko, en)
            elif job.permissions.writes and _needs_nothing(job) and not _gives_tokens(workflow):
                scope = min(job.permissions.writes)
                ko = f"job {job.id}는 토큰을 쓰지 않는데 {scope}: write를 받는다"
                en = f"the job {job.id} is granted {scope}: write and uses no token"
                yield finding("WFL007", job.permissions.place(scope), ko, en)
            elif not job.effective_permissions.stated:
                reason = Text(
                    ko="권한을 적지 않아 레포의 설정이 정한다",
                    en="no permission is stated, so the repository's settings decide",
                )
                yield Unknown("WFL007", job.place, reason)


def wfl008(app: AppRepo) -> Iterator[Answer]:
    """Every action is named by its whole commit, an image by its digest."""
    for uses in _all_uses(app):
        if uses.pinned or not (uses.owner or uses.image):
            continue
        if uses.name in _BY_TAG_ONLY:
            reason = Text(ko=f"{uses.name}은 태그로만 부를 수 있다", en=f"{uses.name} can be named by a tag only")
            yield Unknown("WFL008", uses.place, reason)
        elif uses.image:
            ko, en = f"{uses.image}에 다이제스트가 없다", f"{uses.image} has no digest"
            yield finding("WFL008", uses.place, ko, en)
        else:
            ko, en = (
                f"{uses.name}을 커밋이 아니라 {uses.ref}로 부른다",
                f"{uses.name} is named by {uses.ref}, not by a commit",
            )
            yield finding("WFL008", uses.place, ko, en)


def wfl009(app: AppRepo) -> Iterator[Answer]:
    """No workflow listens to pull_request_target."""
    for workflow in workflows(app.root):
        if trigger := workflow.trigger("pull_request_target"):
            ko, en = "pull_request_target으로 시작된다", "it is started by pull_request_target"
            yield finding("WFL009", trigger.place, ko, en)


def wfl010(app: AppRepo) -> Iterator[Answer]:
    """Releases of one tag wait for each other and are never cut off."""
    for workflow in workflows(app.root):
        event = next((each for each in (pushed_tag(), published_release()) if starts(workflow, each)), None)
        sending = {each.job.id for each in all_acts(app.root) if each.workflow is workflow and _sends(each)}
        if event is None or not (sending or _stem(workflow) == "release"):
            continue
        parts = [each for each in (workflow, *workflow.jobs) if each.concurrency.present]
        covered = workflow.concurrency.present or all(
            job.concurrency.present for job in workflow.jobs if job.id in sending or not sending
        )
        if not covered:
            trigger = workflow.trigger(event.name)
            place = trigger.place if trigger else workflow.place
            yield finding("WFL010", place, "릴리스에 concurrency가 없다", "the release has no concurrency")
        for part in parts:
            group = part.concurrency.text or part.concurrency.at("group").text or ""
            if "github.run_id" in group or "github.run_number" in group:
                ko, en = f"묶음 {group}이 실행마다 다르다", f"the group {group} is another one in each run"
                yield finding("WFL010", part.concurrency.key("group"), ko, en)
            cancel = part.concurrency.at("cancel-in-progress")
            if cancel.present and value(cancel, event) in (True, "true"):
                ko, en = "도는 릴리스를 취소한다", "a release in progress is cancelled"
                yield finding("WFL010", cancel.place, ko, en)


def wfl012(app: AppRepo) -> Iterator[Answer]:
    """What is pushed carries provenance and a list of its parts."""
    events = (pushed_branch(), pushed_tag(), published_release())
    for each in all_acts(app.root):
        if each.meaning != "push" or not any(each.may_happen(event) for event in events):
            continue
        if any(mark in name for name in _mentioned(each.workflow) for mark in _SBOMS):
            continue
        given = each.step.given
        if each.run is not None:
            if each.run.name in ("docker", "podman") and not each.run.has("--sbom", "--attest"):
                ko, en = f"{each.told}에 SBOM이 없다", f"{each.told} makes no SBOM"
                yield finding("WFL012", each.place, ko, en)
        elif "provenance" in given and str(given["provenance"]) in ("False", "false", "0"):
            ko, en = "provenance를 끈다", "provenance is turned off"
            yield finding("WFL012", given["provenance"].place, ko, en)
        elif "build-push" in each.told and ("sbom" not in given or str(given["sbom"]).lower() == "false"):
            place = given["sbom"].place if "sbom" in given else each.step.uses.place if each.step.uses else each.place
            yield finding("WFL012", place, "올리는 이미지에 SBOM이 없다", "the pushed image carries no SBOM")


def wfl013(app: AppRepo) -> Iterator[Answer]:
    """There are test.yml, build.yml and release.yml."""
    stems = {_stem(each) for each in workflows(app.root)} | {PurePosixPath(path).stem for path in app.workflows}
    if missing := [f"{each}.yml" for each in FLOW if each not in stems]:
        names = ", ".join(missing)
        place = Place(app.workflows[0] if app.workflows else f".github/workflows/{missing[0]}")
        yield finding("WFL013", place, f"{names}이 없다", f"{names} is missing")


def wfl014(app: AppRepo) -> Iterator[Answer]:
    """A step of more than one command is a script."""
    for workflow in workflows(app.root):
        for step in workflow.steps:
            text = step.run.text or ""
            lines = {text.count("\n", 0, each.begin) for each in parse_commands(text)}
            if len(lines) > 1:
                ko, en = f"run이 {len(lines)}줄이다", f"the run block has {len(lines)} lines"
                yield finding("WFL014", step.node.key("run"), ko, en)


def called_from(act: Act) -> tuple[Related, ...]:
    """Where a workflow calls what does it, if it is not in the workflow itself."""
    if not act.reached.trail or act.reached.trail[0] == act.place:
        return ()
    return (Related(act.reached.trail[0], Text(ko="여기서 부른다", en="called from here")),)


def _stem(workflow: Workflow) -> str:
    return PurePosixPath(workflow.path).stem


def _sends(act: Act) -> bool:
    return act.meaning in ("push", "release") and any(
        act.may_happen(each) for each in (pushed_tag(), published_release())
    )


def _serves_cluster(job: Job) -> bool:
    return any(
        "k3s" in str(node.at("image").text) or "kind" in str(node.at("image").text) for node in job.services.values()
    )


def _all_uses(app: AppRepo) -> Iterator[Uses]:
    for workflow in workflows(app.root):
        for job in workflow.jobs:
            yield from (each for each in (job.uses, *(step.uses for step in job.steps)) if each)
    for action in actions(app.root):
        if action.path.startswith(".github/"):
            yield from (step.uses for step in action.steps if step.uses)


def _mentioned(workflow: Workflow) -> list[str]:
    """The names of the actions that a workflow uses and of the programs that it runs."""
    names = [step.uses.name for step in workflow.steps if step.uses]
    runs = [" ".join(each.words[:2]) for step in workflow.steps for each in parse_commands(step.run.text or "")]
    return [each for each in (*names, *runs) if each not in ("docker/build-push-action",)]


def _gives_tokens(workflow: Workflow) -> bool:
    """Whether every job is given a token by the variables of the whole workflow."""
    values = [str(node) for _, node in workflow.node.at("env").items()]
    return any("token" in each.lower() or "secrets." in each for each in values)


def _needs_nothing(job: Job) -> bool:
    """Whether nothing in a job can be seen to use its token."""
    if job.uses or not job.steps:
        return False
    for step in job.steps:
        if step.uses:
            kept = (
                step.uses.name == "actions/checkout" and str(step.given.get("persist-credentials")).lower() != "false"
            )
            if kept or not step.uses.name.startswith(_QUIET):
                return False
    if any(_SIGNS.search(step.run.text or "") for step in job.steps):
        return False
    return not any("token" in each.written.lower() or "secrets" in each.written for each in job.expressions())


__all__ = ["wfl002", "wfl003", "wfl004", "wfl005"]
