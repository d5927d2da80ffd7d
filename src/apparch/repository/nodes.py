"""A parsed value that remembers where it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from apparch.repository.places import Place

Scalar = str | int | float | bool | None
Value: TypeAlias = "Scalar | dict[str, Node] | list[Node]"
Plain: TypeAlias = "Scalar | dict[str, Plain] | list[Plain]"


@dataclass(frozen=True, eq=False)
class Node:
    """A scalar, a mapping or a list; never changed after it is built, so that aliases may share it.

    One that is absent stands for what was looked for and not found: its place is that of the nearest
    thing that is there, so that a message can say where it is missing.
    """

    value: Value
    place: Place
    present: bool = True
    earlier: Node | None = None
    """What stood there before a later layer replaced a part of it: the image whose tag an overlay set."""
    keys: dict[str, Place] = field(default_factory=dict)
    """Where each key of a mapping stands."""
    style: str = ""
    """How a text is written: `|` or `>` as a block, in double or single quotes, or plain (empty)."""
    indent: int = 0
    """By how many characters the lines of a block are indented."""

    def at(self, *path: str | int) -> Node:
        """What lies under these keys and positions, or an absent node."""
        found = self
        for step in path:
            found = found._child(step)
        return found

    def _child(self, step: str | int) -> Node:
        match self.value, step:
            case dict(), str() if step in self.value:
                return self.value[step]
            case list(), int() if 0 <= step < len(self.value):
                return self.value[step]
        return Node(None, self.place, present=False)

    def key(self, name: str) -> Place:
        """Where a key of this mapping stands; the mapping's own place if it has none."""
        return self.keys.get(name, self.at(name).place)

    def items(self) -> Iterator[tuple[str, Node]]:
        """The entries of a mapping; nothing for anything else."""
        if isinstance(self.value, dict):
            yield from self.value.items()

    def elements(self) -> list[Node]:
        """The elements of a list; nothing for anything else."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str | None:
        """The string that it is, or None."""
        return self.value if isinstance(self.value, str) else None

    def spot(self, begin: int, end: int) -> Place:
        """Where a part of its text stands, as near as the way it is written tells: else the whole text."""
        text = self.text or ""
        if self.style == "|":
            first = text.count("\n", 0, begin)
            last = text.count("\n", 0, end)
            column = begin - (text.rfind("\n", 0, begin) + 1) + 1 + self.indent
            end_column = end - (text.rfind("\n", 0, end) + 1) + 1 + self.indent
            line = self.place.line + 1
            return Place(self.place.path, line + first, column, line + last, end_column)
        quote = 1 if self.style else 0
        width = self.place.end_column - self.place.column
        if self.style != ">" and self.place.end_line == self.place.line and width == len(text) + 2 * quote:
            column = self.place.column + quote
            return Place(self.place.path, self.place.line, column + begin, self.place.line, column + end)
        return self.place

    @property
    def number(self) -> float | None:
        """The number that it is, or None; a bool is none."""
        return self.value if isinstance(self.value, int | float) and not isinstance(self.value, bool) else None

    @property
    def plain(self) -> Plain:
        """The value without places, as json would have it."""
        if isinstance(self.value, dict):
            return {key: node.plain for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain for node in self.value]
        return self.value

    def walk(self) -> Iterator[Node]:
        """This node and every node below it, in the order of the file."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            below = list(node.value.values()) if isinstance(node.value, dict) else node.elements()
            stack.extend(reversed(below))

    def __str__(self) -> str:
        """As a message shows it."""
        match self.value:
            case None:
                return "null" if self.present else "missing"
            case bool():
                return str(self.value).lower()
            case dict() | list():
                return "a mapping" if isinstance(self.value, dict) else "a list"
        return str(self.value)
