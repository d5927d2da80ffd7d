"""A write to the store that is about to happen, as strategies see it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.cluster.resources import Resource
from tests.cluster.shelf import Object


@dataclass(frozen=True)
class Options:
    """Who writes, and how.

    `manager` is the field manager; `managed` says that the object's managedFields are right already, `recorded` under
    which subresource they name the change where it is another than the one that is written.
    """

    dry_run: bool = False
    manager: str = "unknown"
    managed: bool = False
    recorded: str = ""
    user: str = "system:admin"


DEFAULT = Options()


@dataclass(frozen=True)
class Operation:
    """A write that is about to happen; strategies may change `object`, or raise an ApiError."""

    verb: str
    resource: Resource
    object: Object
    old: Object | None
    subresource: str | None
    options: Options
    now: str
