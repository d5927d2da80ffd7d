"""The objects of what a template put out, each value at the place that set it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

from apparch.repository.helm.traced import BEGIN, GAP, HOLE, Piece, Traced, filled, joined
from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.yaml_file import parse_yaml_1_1

_SEPARATOR = re.compile(r"^---(?=\s|$).*\n?", re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Made:
    """A document of a rendering."""

    node: Node
    complete: bool
    """Whether all that it says is known, so that what is not there is missing."""


def documents(text: Traced, path: str) -> Iterator[Made | Problem | None]:
    """The documents that a template put out; None for one of which nothing is known, or of which it is not
    known whether it is there."""
    at = 0
    ends = [*((match.start(), match.end()) for match in _SEPARATOR.finditer(text)), (len(text), len(text))]
    for end, following in ends:
        part = text.part(at, end)
        at = following
        if part.strip():
            yield from _document(part, path)


def _document(text: Traced, path: str) -> Iterator[Made | Problem | None]:
    complete = BEGIN not in text
    text = text if complete else _without_holes(text)
    found = parse_yaml_1_1(str(text), path)
    places = _Places(text, path)
    if isinstance(found, Problem):
        place = places.of(found.place)
        yield Problem(replace(place, end_line=0, end_column=0), f"its rendering is {found.message}")
        return
    if not complete and not found:
        yield None
    for node in found:
        yield Made(places.moved(node), complete)


def _without_holes(text: Traced) -> Traced:
    """The text without lines of which nothing is known; one that holds all of a key's value stays as a value."""
    lines, at = [], 0
    for line in str(text).split("\n"):
        lines.append(_without_gaps(text.part(at, at + len(line))))
        at += len(line) + 1
    kept: list[str] = []
    key = ""
    for number, line in enumerate(lines):
        if BEGIN in line and not HOLE.sub("", str(line)).strip():
            if key and (where := HOLE.search(str(line))) and _ends_here(lines, number, key):
                pad = " " * (len(key) - len(key.lstrip()) + 2)
                kept += [pad, line.part(where.start(), where.end()), "\n"]
                key = ""
            continue
        kept += [line, "\n"]
        if line.strip():
            key = str(line) if str(line).rstrip().endswith(":") else ""
    return joined(kept)


def _without_gaps(line: Traced) -> Traced:
    while (at := str(line).find(GAP)) >= 0:
        line = joined((line.part(0, at), line.part(at + len(GAP), len(line))))
    return line


def _ends_here(lines: list[Traced], number: int, key: str) -> bool:
    """Whether a key has no other line of its own below."""
    indent = len(key) - len(key.lstrip(" -"))
    for line in map(str, lines[number + 1 :]):
        if line.strip() and HOLE.sub("", line).strip() and not line.lstrip().startswith("#"):
            return len(line) - len(line.lstrip()) < indent or (
                len(line) - len(line.lstrip()) == indent and not line.lstrip().startswith("- ")
            )
    return True


class _Places:
    """From where each spot of a rendered text is."""

    def __init__(self, text: Traced, path: str) -> None:
        self._text = text
        self._path = path
        self._lines = [0, *(match.end() for match in re.finditer("\n", str(text)))]
        self._begins = [each.begin for each in text.pieces]

    def moved(self, node: Node, key: str = "") -> Node:
        """A node with places in the chart's files in place of those in the rendered text."""
        value = node.value
        keys = {key: self.of(place) for key, place in node.keys.items()}
        if isinstance(value, dict):
            entries = {each: self.moved(below, each) for each, below in value.items()}
            if any(BEGIN in each for each in entries):
                entries = {filled(each): below for each, below in entries.items()}
                keys = {filled(each): place for each, place in keys.items()}
            return Node(entries, self.of(node.place), keys=keys)
        if isinstance(value, list):
            return Node([self.moved(each) for each in value], self.of(node.place))
        # What is called so is changed where it is written, not where its name is chosen.
        place = self.of(node.place) if key == "name" else self._of_scalar(node)
        return Node(filled(value) if isinstance(value, str) else value, place)

    def of(self, place: Place) -> Place:
        """Where the template puts out what stands at a place of the text."""
        piece = self._piece(self._offset(place.line, place.column))
        if piece is None or piece.source is None:
            return Place(self._path)
        ahead = self._offset(place.line, place.column) - piece.begin if piece.literal else 0
        return piece.source.place(piece.offset + ahead)

    def _of_scalar(self, node: Node) -> Place:
        """The place of the value that a scalar shows, if it shows just one, else of where it is put out."""
        begin = self._offset(node.place.line, node.place.column)
        end = max(self._offset(node.place.end_line, node.place.end_column), begin + 1)
        quote = 1 if str(self._text)[begin : begin + 1] in ("'", '"') and node.style in ("'", '"') else 0
        pieces = self._between(begin + quote, max(end - quote, begin + quote + 1))
        if len({each.value for each in pieces}) == 1 and pieces[0].value is not None:
            return pieces[0].value
        place = self.of(node.place)
        first = self._piece(begin)
        if first is not None and first.literal and len(self._between(begin, end)) == 1:
            ending = self.of(Place("", node.place.end_line, node.place.end_column))
            if (ending.path, ending.line) == (place.path, place.line) and ending.column > place.column:
                return replace(place, end_line=ending.line, end_column=ending.column)
        return place

    def _offset(self, line: int, column: int) -> int:
        return self._lines[min(line, len(self._lines)) - 1] + column - 1

    def _piece(self, offset: int) -> Piece | None:
        at = bisect_right(self._begins, offset) - 1
        return self._text.pieces[at] if at >= 0 else self._text.pieces[0] if self._text.pieces else None

    def _between(self, begin: int, end: int) -> list[Piece]:
        first = max(bisect_right(self._begins, begin) - 1, 0)
        last = bisect_right(self._begins, end - 1)
        return list(self._text.pieces[first:last]) or list(self._text.pieces[:1])
