"""The comments of a YAML file, which its values do not tell: beside a line, or above it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import yaml

from apparch.repository.places import Place, Problem

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SIGN = re.compile(r"(?:^|(?<=[ \t]))#")


@dataclass(frozen=True)
class Comment:
    """One comment, from its sign to the end of its line."""

    text: str
    """Without the sign and the blanks around it."""
    place: Place
    alone: bool
    """Whether nothing else stands on its line."""


class Comments:
    """All comments of one file."""

    def __init__(self, comments: tuple[Comment, ...] = ()) -> None:
        self.all = comments
        """In the order of the file."""
        self._lines = {each.place.line: each for each in comments}

    def beside(self, place: Place) -> Comment | None:
        """The comment on the line on which a value begins, or on that on which it ends."""
        found = (self._lines.get(line) for line in (place.line, place.end_line))
        return next((each for each in found if each is not None and not each.alone), None)

    def above(self, place: Place) -> tuple[Comment, ...]:
        """The comments that fill the lines directly above a value, or above its key where that is on its line."""
        found: list[Comment] = []
        line = place.line - 1
        while (each := self._lines.get(line)) is not None and each.alone:
            found.append(each)
            line -= 1
        return tuple(reversed(found))

    def of(self, place: Place) -> tuple[Comment, ...]:
        """What is said of a value: above it and beside it."""
        beside = self.beside(place)
        return (*self.above(place), *([beside] if beside else []))


def parse_comments(text: str, path: str) -> Comments | Problem:
    """The comments of every document of a YAML file; a sign inside of a text is none."""
    taken: dict[int, list[tuple[int, float]]] = defaultdict(list)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.ScalarEvent):
                _take(event, taken)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return Problem(Place(path, mark.line + 1 if mark else 1), "not readable as YAML")
    found: list[Comment] = []
    for number, line in enumerate(text.split("\n")):
        at = _first_sign(line, taken.get(number, [])) if "#" in line else None
        if at is not None:
            written = line[at:].rstrip()
            place = Place(path, number + 1, at + 1, number + 1, at + len(written) + 1)
            found.append(Comment(written.lstrip("#").strip(), place, not line[:at].strip()))
    return Comments(tuple(found))


def _take(event: Any, taken: dict[int, list[tuple[int, float]]]) -> None:
    begin, end = event.start_mark, event.end_mark
    block = event.style in ("|", ">")
    for line in range(begin.line + block, end.line + 1):
        first = begin.column if line == begin.line else 0
        last = end.column if line == end.line else float("inf")
        if first < last:
            taken[line].append((first, last))


def _first_sign(line: str, taken: list[tuple[int, float]]) -> int | None:
    signs = (sign.start() for sign in _SIGN.finditer(line))
    return next((at for at in signs if not any(first <= at < last for first, last in taken)), None)
