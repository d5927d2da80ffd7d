"""Which events a workflow listens to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apparch.repository import Problem
from apparch.repository.workflow import Workflow, parse_workflow


@dataclass(frozen=True)
class Event:
    """What GitHub reports: a push to a ref or a pull request, at a commit."""

    name: str
    ref: str
    commit: str
    fork: bool = False


def read(text: str) -> Workflow:
    """A workflow; ValueError for what is none."""
    found = parse_workflow(text, "workflow.yml")
    if isinstance(found, Problem):
        raise ValueError(found.message)
    return found


def load(text: str) -> Any:
    """A workflow's content as plain values."""
    return read(text).node.plain


def triggered(text: str, event: Event) -> bool:
    """Whether a workflow listens to an event, by the name of the event and its branch and tag filters."""
    trigger = read(text).trigger(event.name)
    if trigger is None or event.name != "push":
        return trigger is not None
    tag = event.ref.startswith("refs/tags/")
    return trigger.takes_tag(event.ref[10:]) if tag else trigger.takes_branch(event.ref[11:])
