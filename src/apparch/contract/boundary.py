"""The boundary: nothing but the tag leads from one repository to the other, and both can be read (App document 5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.side import AppSide
from apparch.contract.model import Judgement, Side, Where, app
from apparch.contract.pair import Pair
from apparch.deploy.side import OVERLAYS, DeploySide
from apparch.repository import Place, Problem, Repository
from apparch.repository.workflow import Step, actions, workflows

EVENT = re.compile(r"repository_dispatch|/dispatches\b|gh\s+workflow\s+run\b[^\n]{0,300}(?:--repo|-R)\b")
CALL = re.compile(
    rf"{EVENT.pattern}|gh\s+api\s+[\"']?/?repos/(?!\$\{{?GITHUB_REPOSITORY\b|\{{owner\}})|api\.github\.com/repos/"
)
DEPLOYER = re.compile(r"argo-?cd|webhook", re.IGNORECASE)
SCRIPTS: dict[Where, tuple[str, ...]] = {
    "app": ("docker/**/*.sh", "docker/**/*.py", "scripts/**/*.sh", "scripts/**/*.py"),
    "deploy": ("_shared/scripts/**/*.sh", "_shared/scripts/**/*.py"),
}
OUTSIDE = "lies outside the repository"


def judge(pair: Pair) -> Iterator[Judgement]:
    """What cannot be read, and what leads across."""
    side, other = pair.app, pair.deploy
    home = app(side.image.place, side.image) if side.image else app(side.home, "the App repo")
    overlay = pair.anywhere
    yield from _judge_readable(side, other, home, overlay)
    yield from _judge_workflows(side.root, "app", overlay)
    yield from _judge_workflows(other.repository, "deploy", home)
    yield from _judge_scripts(side.repository, "app", overlay)
    yield from _judge_scripts(other.repository, "deploy", home)
    for repository, where, far in ((side.repository, "app", overlay), (other.repository, "deploy", home)):
        if repository.has(".gitmodules"):
            wrong = "a submodule shares files between repositories: put them into the image, or copy them"
            yield Judgement("OWN001", ".gitmodules", _two_sides(where, Place(".gitmodules"), "submodule", far), wrong)  # type: ignore[arg-type]


def _judge_readable(side: AppSide, other: DeploySide, home: Side, overlay: Side) -> Iterator[Judgement]:
    if not other.overlays:
        wrong = "the Deploy repo has no k8s/overlays with a kustomization: there is no environment to compare"
        if other.pattern != OVERLAYS:
            wrong = f"no directory of the Deploy repo is {other.pattern}: there is no environment to compare"
        if other.repository.matching("Chart.yaml"):
            wrong += "; there are Helm charts, which are not read"
        yield Judgement("OWN025", "overlays", (home, overlay), wrong)
    if side.image is None:
        wrong = "neither a workflow nor pyproject.toml names the image: state the app's name in pyproject.toml"
        yield Judgement("OWN025", "image", (home, overlay), wrong)
    for problem in _distinct(side.problems):
        yield Judgement(
            "OWN025", problem.place.path, _two_sides("app", problem.place, "not read", overlay), _unread(problem)
        )
    for lost, problem in other.lost.items():
        yield Judgement("OWN025", lost, _two_sides("deploy", problem.place, "not compared", home), problem.message)
    rendered = [each.rendering.problem for each in other.overlays if each.rendering.problem]
    for problem in _distinct([*other.problems, *rendered]):
        sides = _two_sides("deploy", problem.place, "not read", home)
        if OUTSIDE in problem.message:
            wrong = f"{problem.message}: the Deploy repo shares no files with another"
            yield Judgement("OWN001", "resources", sides, wrong)
        else:
            yield Judgement("OWN025", problem.place.path, sides, _unread(problem))


def _unread(problem: Problem) -> str:
    if " is missing" in problem.message:
        return f"{problem.message}: put it where the contract looks for it"
    return f"{problem.place.path} cannot be read for the contract: {problem.message}"


def _distinct(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def _judge_workflows(repository: Repository, where: Where, far: Side) -> Iterator[Judgement]:
    for workflow in workflows(repository):
        event = workflow.trigger("repository_dispatch")
        if event is not None:
            wrong = "the workflow waits for an event of another repository: choose the tag in the Deploy repo itself"
            sides = _two_sides(where, event.place, "repository_dispatch", far)
            yield Judgement("OWN001", "repository_dispatch", sides, wrong)
    of_workflows = [step for each in workflows(repository) for step in each.steps]
    for step in (*of_workflows, *(step for each in actions(repository) for step in each.steps)):
        yield from _judge_step(step, where, far)


def _judge_step(step: Step, where: Where, far: Side) -> Iterator[Judgement]:
    other = step.given.get("repository") if step.uses and step.uses.name == "actions/checkout" else None
    if other is not None and other.text != "${{ github.repository }}":
        wrong = f"the workflow checks out {other}: the repositories meet in an image tag only"
        yield Judgement("OWN001", "checkout", _two_sides(where, other.place, str(other), far), wrong)
    found = CALL.search(step.run.text or "")
    if found:
        wrong = "the workflow calls another repository: choose the tag in the Deploy repo itself"
        place = step.run.spot(found.start(), found.end())
        yield Judgement("OWN001", "call", _two_sides(where, place, found[0], far), wrong)


def _judge_scripts(repository: Repository, where: Where, far: Side) -> Iterator[Judgement]:
    """Scripts call what workflows would: the other repository, or what deploys it."""
    for path in repository.matching(*SCRIPTS[where]):
        text = repository.text(path)
        if isinstance(text, Problem):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            found = CALL.search(line) or (DEPLOYER.search(line) if where == "app" else None)
            if found and not line.lstrip().startswith("#"):
                wrong = f"the script calls {found[0]}: choose the tag in the Deploy repo itself"
                yield Judgement("OWN001", "call", _two_sides(where, Place(path, number), found[0], far), wrong)


def _two_sides(where: Where, place: Place, value: str, far: Side) -> tuple[Side, ...]:
    near = Side(where, place, value)
    return (near, far) if where == "app" else (far, near)
