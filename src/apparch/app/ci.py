"""What an app's workflows do, step by step, and for which events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.app.actions import BAKERS, BUILDERS, does
from apparch.app.meanings import LOOPBACK, Meaning, meanings
from apparch.repository import Place, Problem, Repository
from apparch.repository.programs import Program, program
from apparch.repository.workflow import (
    UNKNOWN,
    Expression,
    Job,
    Reached,
    Step,
    Workflow,
    called_workflow,
    ran,
    reached,
    workflows,
)
from apparch.repository.workflow.events import Event, may_run, starts, surely_runs, value

DEEPEST = 5
"""How many workflows may call one another."""


_TESTS = re.compile(r"([.]/)?(tests?|spec)/\S")
"""A program that lies among the tests, which runs them."""
_HERE = re.compile(r"[\"']?((ko|kind|registry)[.]local|localhost|127[.]0[.]0[.]1)\b")
"""What ko is told for a registry where an image stays on this machine."""


@dataclass(frozen=True)
class Act:
    """One thing that a step does."""

    meaning: Meaning
    workflow: Workflow
    reached: Reached
    place: Place
    """Where it is said: the `uses`, or the command, also in a script."""
    run: Program | None
    """The command; None for an action."""
    swallowed: bool = False
    """Whether its failure fails nothing: `|| true`, `continue-on-error`, an option that says so."""
    guard: str = ""
    """The tests of a script that it hangs on, which nothing here can answer."""

    @property
    def step(self) -> Step:
        """The step that does it."""
        return self.reached.step

    @property
    def job(self) -> Job:
        """The job of the workflow in whose run it happens."""
        return self.reached.job

    @property
    def told(self) -> str:
        """What it is, in a few words, as it is written."""
        if self.run is None:
            return self.step.uses.text.partition("@")[0] if self.step.uses else self.step.name
        return " ".join((self.run.name, *self.run.words[:2]))

    @property
    def conditions(self) -> tuple[Expression | Problem | None, ...]:
        """What must hold for it to be done."""
        inner = self.step.job.condition if self.step.job and self.step.job is not self.job else None
        return (self.job.condition, inner, self.step.condition)

    def on(self, event: Event) -> Event:
        """The event as it is seen inside of a workflow that is called, with the inputs that it is given."""
        if not self.job.uses or not self.reached.trail:
            return event
        inputs = {f"inputs.{key}": value(node, event) for key, node in self.job.given.items()}
        return Event(event.name, event.ref, event.base, {**event.known, **inputs})

    def may_happen(self, event: Event) -> bool:
        """Whether the event starts the workflow and nothing that it tells keeps this from being done."""
        if not starts(self.workflow, event):
            return False
        return self._pushes(event) and may_run(self.conditions, self.on(event))

    def surely_happens(self, event: Event) -> bool:
        """Whether the event alone leads to it."""
        told = self.on(event)
        return (
            not self.guard
            and starts(self.workflow, event)
            and surely_runs(self.conditions, told)
            and self._pushes(event, sure=True)
        )

    def _pushes(self, event: Event, *, sure: bool = False) -> bool:
        if self.meaning != "push" or self.step.uses is None or self.step.uses.name not in BUILDERS | BAKERS:
            return True
        told = _pushed(self.step, self.on(event))
        return told is True or (not sure and told is UNKNOWN)


def acts(repository: Repository, workflow: Workflow) -> tuple[Act, ...]:
    """Everything that a workflow is seen to do, in order, what it calls in this repository included."""
    memo = repository.memo(acts)
    if workflow.path not in memo:
        memo[workflow.path] = tuple(_acts(repository, workflow))
    found: tuple[Act, ...] = memo[workflow.path]
    return found


def all_acts(repository: Repository) -> tuple[Act, ...]:
    """Everything that the workflows are seen to do; one that is only called is seen where it is called."""
    return tuple(each for workflow in workflows(repository) for each in acts(repository, workflow))


def foreign(repository: Repository, workflow: Workflow, depth: int = 0) -> Iterator[Job]:
    """The jobs that call, themselves or on the way, a workflow that is not here or cannot be read."""
    for job in workflow.jobs:
        called = called_workflow(repository, job.uses)
        inside = isinstance(called, Workflow) and depth < DEEPEST and any(foreign(repository, called, depth + 1))
        if (job.uses and not isinstance(called, Workflow)) or inside:
            yield job


def _acts(repository: Repository, workflow: Workflow) -> Iterator[Act]:
    for each in reached(repository, workflow):
        step = each.step
        tolerant = any(
            part.goes_on.value not in (None, False, "false") for part in (step, each.job, step.job or each.job)
        )
        if step.uses and not step.uses.local:
            for meaning in sorted(does(step.uses, step.given)):
                yield Act(meaning, workflow, each, step.uses.place, None, tolerant)
            if step.uses.name in BAKERS or (step.uses.name in BUILDERS and _may_push(step)):
                yield Act("push", workflow, each, _place_of_push(step), None, tolerant)
        if step.uses and step.uses.local and re.search(r"(^|[-_/])tests?([-_/]|$)", step.uses.path):
            yield Act("test", workflow, each, step.uses.place, None, tolerant)
        commands = tuple(ran(repository, step))
        for at, command in enumerate(commands):
            run = program(command.command.words)
            following = commands[at + 1].command.name if at + 1 < len(commands) else ""
            swallowed = command.command.after == "||" and following in ("true", ":", "echo", "printf")
            told = {"KO_DOCKER_REPO": step.environment.get("KO_DOCKER_REPO"), **dict(command.command.assignments)}
            stays = run.name == "ko" and _HERE.match(str(told["KO_DOCKER_REPO"] or "")) is not None
            if _TESTS.match(command.command.words[0] if command.command.words else ""):
                yield Act("test", workflow, each, command.place, run, tolerant or swallowed, command.guard)
            for meaning in sorted(_meanings(repository, run, step.directory) - ({"push"} if stays else set())):
                lost = tolerant or swallowed or run.has("--exit-zero")
                yield Act(meaning, workflow, each, command.place, run, lost, command.guard)


def _place_of_push(step: Step) -> Place:
    for key in ("push", "outputs"):
        if key in step.given:
            return step.given[key].place
    return step.uses.place if step.uses else step.place


def _may_push(step: Step) -> bool:
    """Whether a build is told anything of pushing; what is only built, or loaded, stays where it is."""
    told = (step.given["push"].text or str(step.given["push"])).lower() if "push" in step.given else "false"
    outputs = step.given["outputs"].text or "" if "outputs" in step.given else ""
    return told not in ("false", "") or bool(re.search(r"type\s*=\s*registry|push\s*=", outputs))


def _pushed(step: Step, event: Event) -> object:
    """Whether a build is pushed: True, False or UNKNOWN."""
    given = step.given
    outputs = "".join((given["outputs"].text or "").split()) if "outputs" in given else ""
    if "type=registry" in outputs or "push=true" in outputs:
        return True
    if "push=${{" in outputs:
        return UNKNOWN
    if "push" not in given or ("tags" in given and LOOPBACK.match(given["tags"].text or "")):
        return False
    told = value(given["push"], event)
    return told if told is UNKNOWN else str(told).lower() not in ("false", "", "none", "0")


def _meanings(repository: Repository, run: Program, directory: str) -> frozenset[Meaning]:
    memo = repository.memo(_meanings)
    key = "\0".join((directory, run.name, *run.arguments))
    if key not in memo:
        memo[key] = meanings(run, repository, directory)
    found: frozenset[Meaning] = memo[key]
    return found
