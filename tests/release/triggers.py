"""Which events a workflow listens to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True)
class Event:
    """What GitHub reports: a push to a ref or a pull request, at a commit."""

    name: str
    ref: str
    commit: str
    fork: bool = False


def load(text: str) -> Any:
    """A workflow's content; YAML takes the key `on` for true, GitHub does not."""
    content = yaml.safe_load(text)
    if True in content:
        content["on"] = content.pop(True)
    return content


def triggered(on: Mapping[str, Any], event: Event) -> bool:
    """Whether a workflow listens to an event, by the name of the event and its branch and tag filters."""
    if event.name not in on:
        return False
    filters = on[event.name] or {}
    if event.name != "push":
        return True
    kind, short = ("tags", event.ref[10:]) if event.ref.startswith("refs/tags/") else ("branches", event.ref[11:])
    if not filters:
        return True
    return any(re.fullmatch(glob(pattern), short) for pattern in filters.get(kind, []))


def glob(pattern: str) -> str:
    """A filter of GitHub as a regular expression: `*` stops at a slash, `**` does not."""
    parts = re.split(r"(\*\*|\*)", pattern)
    return "".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts)
