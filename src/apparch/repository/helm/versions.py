"""Which versions a constraint of `semverCompare` takes."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from apparch.repository.helm.functions_text import CannotTellError
from apparch.repository.helm.traced import Map

Version: TypeAlias = tuple[int, int, int, bool]
"""Its three numbers, and whether it is no pre-release: a release comes after all of those."""
_VERSION = re.compile(r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(-[\w.-]+)?(?:\+[\w.-]+)?")
_PART = re.compile(
    r"\s*(>=|=>|<=|=<|!=|[=<>^~])?\s*v?(\d{1,9}|[xX*])(?:\.(\d{1,9}|[xX*]))?(?:\.(\d{1,9}|[xX*]))?(-[\w.-]+)?\s*,?"
)


def compares(constraint: Any, version: Any) -> bool:
    """Whether the version fulfils one of the constraint's alternatives."""
    wanted, read = str(constraint), _read(version)
    return any(_fulfils(each, read) for each in wanted.split("||"))


def parts(version: Any) -> Map:
    """A version's numbers, by the names that templates use."""
    major, minor, patch, _ = _read(version)
    return Map({"Major": major, "Minor": minor, "Patch": patch, "Original": str(version)})


def _read(version: Any) -> Version:
    match = _VERSION.fullmatch(str(version))
    if not match:
        raise CannotTellError
    return int(match[1]), int(match[2] or 0), int(match[3] or 0), match[4] is None


def _fulfils(alternative: str, version: Version) -> bool:
    at, fulfilled = 0, True
    while at < len(alternative.rstrip()):
        match = _PART.match(alternative, at)
        if not match:
            raise CannotTellError
        at = match.end()
        fulfilled = fulfilled and _holds(match, version)
    return fulfilled


def _holds(match: re.Match[str], version: Version) -> bool:
    numbers = [int(each) for each in match.groups()[1:4] if each and each.isdigit()]
    if not version[3] and not match[5]:
        return False  # a pre-release is taken only where the constraint names one
    low = (*numbers, 0, 0, 0)[:3]
    size = len(numbers)
    above = (*low[: size - 1], low[size - 1] + 1, 0, 0)[:3] if size else (1 << 40, 0, 0)
    here, least = version[:3], (*low, match[5] is None)
    if match[1] in ("^", "~"):
        rank = next((at for at, each in enumerate(numbers) if each), size - 1) if match[1] == "^" else min(size - 1, 1)
        over = (*low[: max(rank, 0)], low[max(rank, 0)] + 1, 0, 0)[:3]
        return version >= least and here < over
    same = version == least if size == 3 else low <= here < above
    return {
        ">=": version >= least,
        "=>": version >= least,
        "<": version < least,
        ">": version > least if size == 3 else here >= above,
        "<=": version <= least if size == 3 else here < above,
        "=<": version <= least if size == 3 else here < above,
        "!=": not same,
    }.get(match[1] or "=", same)
