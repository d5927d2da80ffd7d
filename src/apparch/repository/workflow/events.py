"""What GitHub reports, and whether a workflow, a job or a step runs for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apparch.repository.nodes import Node
from apparch.repository.places import Problem
from apparch.repository.workflow.evaluation import UNKNOWN, evaluate, holds
from apparch.repository.workflow.expressions import Expression, embedded, names
from apparch.repository.workflow.model import Workflow


@dataclass(frozen=True)
class Event:
    """One event, as far as a condition can ask for it before it has happened."""

    name: str
    ref: str
    base: str = ""
    """The branch that a pull request is for."""
    known: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What else is known, by its whole name: `inputs.push`."""

    @property
    def branch(self) -> str:
        """The branch that is pushed; empty for anything else."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""

    @property
    def tag(self) -> str:
        """The tag that is pushed; empty for anything else."""
        return self.ref.removeprefix("refs/tags/") if self.ref.startswith("refs/tags/") else ""


def pull_request(base: str = "main") -> Event:
    """A pull request for a branch."""
    return Event("pull_request", "refs/pull/1/merge", base)


def pushed_branch(branch: str = "main") -> Event:
    """A push to a branch."""
    return Event("push", f"refs/heads/{branch}")


def pushed_tag(tag: str = "v1.2.3") -> Event:
    """A push of a version tag."""
    return Event("push", f"refs/tags/{tag}")


def published_release(tag: str = "v1.2.3") -> Event:
    """A release that was published on GitHub, and with it its tag."""
    return Event("release", f"refs/tags/{tag}")


def starts(workflow: Workflow, event: Event) -> bool:
    """Whether an event starts a workflow, filters of paths left out."""
    trigger = workflow.trigger(event.name)
    if trigger is None:
        return False
    if event.name == "push":
        return trigger.takes_tag(event.tag) if event.tag else trigger.takes_branch(event.branch)
    return not event.base or trigger.takes_branch(event.base)


def may_run(conditions: Iterable[Expression | Problem | None], event: Event) -> bool:
    """Whether nothing that the event tells keeps what stands under these conditions from running."""
    asked = [each for each in conditions if each is not None and not isinstance(each, Problem)]
    return all(holds(each, _contexts(each, event)) is not False for each in asked)


def surely_runs(conditions: Iterable[Expression | Problem | None], event: Event) -> bool:
    """Whether the event alone tells that every condition is met."""
    asked = [each for each in conditions if each is not None]
    return all(not isinstance(each, Problem) and holds(each, _contexts(each, event)) is True for each in asked)


def value(node: Node, event: Event) -> Any:
    """What a value that may be an expression is for an event: a text, a bool, or UNKNOWN."""
    text = node.text
    if text is None or "${{" not in text:
        return node.plain
    parts = embedded(node)
    if len(parts) == 1 and text.strip() == text[parts[0].begin : parts[0].end]:
        expression = parts[0].expression
        return UNKNOWN if isinstance(expression, Problem) else evaluate(expression, _contexts(expression, event))
    return UNKNOWN


def _contexts(expression: Expression, event: Event) -> dict[str, Any]:
    told: dict[str, Any] = {
        "github.event_name": event.name,
        "github.ref": event.ref,
        "github.ref_name": event.ref.removeprefix("refs/heads/").removeprefix("refs/tags/").removeprefix("refs/pull/"),
        "github.ref_type": "tag" if event.tag else "branch",
        "github.base_ref": event.base,
        "github.event.action": "published" if event.name == "release" else UNKNOWN,
        **event.known,
    }
    found: dict[str, Any] = {"status": "success"}
    for path in names(expression):
        here = found
        for step in path[:-1]:
            below = here.setdefault(step.lower(), {})
            if not isinstance(below, dict):
                break
            here = below
        else:
            here.setdefault(path[-1].lower(), told.get(".".join(path).lower(), UNKNOWN))
    return found
