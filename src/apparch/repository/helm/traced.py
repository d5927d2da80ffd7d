"""Values and texts of a rendering that remember where they were written, and the value that nobody knows."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from apparch.repository.nodes import Node
from apparch.repository.places import Place

BEGIN, END = "\ue000", "\ue001"
"""Around what is not known within a text: characters that no chart uses."""
HOLE = re.compile(f"{BEGIN}([0-9a-f]*){END}")
GAP = f"{BEGIN}{END}"
"""Where lines may be missing: a hole that stands for no value."""


@dataclass(frozen=True)
class Source:
    """A file that templates are read from."""

    path: str
    text: str

    def place(self, offset: int) -> Place:
        """Where an offset lies."""
        line = bisect_right(self._starts, offset)
        return Place(self.path, line, offset - self._starts[line - 1] + 1)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]


class Piece(NamedTuple):
    """From where a part of a text is, until the next piece begins."""

    begin: int
    source: Source | None
    """The template that put it out; None for a value that has not been put out yet."""
    offset: int
    literal: bool
    """Whether it is the template's own text, so that its columns count."""
    value: Place | None
    """Where the value stands that it shows."""


class Traced(str):
    """A text whose parts tell where they are from."""

    pieces: tuple[Piece, ...]

    @staticmethod
    def of(text: str, pieces: Iterable[Piece] = ()) -> Traced:
        """The text with its pieces, in the order of their beginning."""
        made = Traced(text)
        made.pieces = tuple(pieces)
        return made

    def part(self, begin: int, end: int) -> Traced:
        """The same as a slice of it."""
        starts = [each.begin for each in self.pieces]
        first = max(bisect_right(starts, begin) - 1, 0)
        found = []
        for each in self.pieces[first:]:
            if each.begin >= end:
                break
            ahead = max(begin - each.begin, 0)
            offset = each.offset + ahead if each.literal else each.offset
            found.append(each._replace(begin=max(each.begin - begin, 0), offset=offset))
        return Traced.of(str(self)[begin:end], found)

    def stripped(self, characters: str | None = None, *, left: bool = True, right: bool = True) -> Traced:
        """Without these characters at its ends."""
        text = str(self)
        begin = len(text) - len(text.lstrip(characters)) if left else 0
        end = len(text.rstrip(characters)) if right else len(text)
        return self.part(begin, max(begin, end))

    @property
    def value(self) -> Place | None:
        """Where the one value stands that the whole text shows; None where it shows more or less."""
        return self.pieces[0].value if len(self.pieces) == 1 else None


def joined(parts: Iterable[str]) -> Traced:
    """Texts, one behind the other."""
    texts, pieces, at = [], [], 0
    for part in parts:
        if not part:
            continue
        texts.append(str(part))
        if isinstance(part, Traced) and part.pieces:
            pieces += [each._replace(begin=each.begin + at) for each in part.pieces]
        elif pieces or at == 0:
            pieces.append(Piece(at, None, 0, False, None))
        at += len(part)
    return Traced.of("".join(texts), pieces)


class Map(dict[str, Any]):
    """A mapping, and where its keys' values stand."""

    places: dict[str, Place]

    def __init__(self, entries: Any = (), places: dict[str, Place] | None = None) -> None:
        super().__init__(entries)
        self.places = dict(places or {})

    def copied(self) -> Map:
        """A copy whose entries are the same."""
        return Map(self, self.places)


class Items(list[Any]):
    """A list, and where its elements stand."""

    places: list[Place | None]

    def __init__(self, entries: Iterable[Any] = (), places: Iterable[Place | None] = ()) -> None:
        super().__init__(entries)
        self.places = list(places)


@dataclass(frozen=True)
class Unknown:
    """What cannot be told without a cluster, a login, chance or a chart that is not there."""

    said: str
    """What the template says of it."""
    absent: bool = False
    """Whether it would lie below what is not there, where Helm fails: a condition takes it for what is not there."""

    @property
    def hole(self) -> str:
        """What stands for it in a text."""
        return f"{BEGIN}{self.said.encode('utf-8').hex()}{END}"


def is_open(value: Any) -> bool:
    """Whether a value, or a part of a text, is not known."""
    return isinstance(value, Unknown) or (isinstance(value, str) and BEGIN in value)


def filled(text: str) -> str:
    """A text whose holes say what the template says there."""
    return HOLE.sub(lambda match: f"{{{{ {bytes.fromhex(match[1]).decode('utf-8', 'replace')} }}}}", text)


def runtime(node: Node) -> Any:
    """A YAML value as templates see it: every number is a float, an entry without a value is there without one."""
    value = node.value
    if isinstance(value, dict):
        return Map(
            {key: runtime(each) for key, each in value.items()}, {key: each.place for key, each in value.items()}
        )
    if isinstance(value, list):
        return Items((runtime(each) for each in value), (each.place for each in value))
    if isinstance(value, str):
        return Traced.of(value, (Piece(0, None, 0, False, node.place),))
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def put_out(text: str, source: Source, offset: int, value: Place | None) -> Traced:
    """A text that an action puts out: a line is its own, lines that another template wrote stay that one's."""
    pieces = text.pieces if isinstance(text, Traced) else ()
    if "\n" not in text.strip("\n"):
        pieces = tuple(each._replace(source=None, literal=False) for each in pieces)
        value = value if not pieces else None
    if not pieces:
        return Traced.of(text, (Piece(0, source, offset, False, value),) if text else ())
    return Traced.of(
        text,
        (each if each.source else each._replace(source=source, offset=offset, value=each.value) for each in pieces),
    )


def written(text: str, source: Source, offset: int) -> Traced:
    """A template's own text."""
    return Traced.of(text, (Piece(0, source, offset, True, None),))
