"""Every check, by the name that it goes by in a report."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from tests.outside.checks import answers, bounds, drain, start, surroundings
from tests.outside.verdict import Attempt, Check

ROOMS: tuple[ModuleType, ...] = (start, answers, surroundings, bounds, drain)


def checks() -> Iterator[Check]:
    """The checks, those that ask least of an app first."""
    for room in ROOMS:
        for name, member in vars(room).items():
            takes = getattr(member, "__annotations__", {})
            if (
                not name.startswith("_")
                and takes.get("attempt") in ("Attempt", Attempt)
                and takes.get("return") in ("None", None)
            ):
                yield member
