"""JSON with the place of every value, bounded in depth."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]

from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.yaml_file import DEPTH

_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
DIGITS = 300
"""The longest number that is read."""


def parse_json(text: str, path: str) -> Node | Problem:
    """The file's one value; a key that stands twice is a problem, as in YAML."""
    reader = _Reader(text, path)
    try:
        node = reader.value(0)
        reader.skip()
        if reader.at != len(text):
            raise _Malformed("something follows the value")
    except (_Malformed, JSONDecodeError) as error:
        reason = error.msg if isinstance(error, JSONDecodeError) else str(error)
        return Problem(reader.place(), f"not readable as JSON: {reason}")
    return node


class _Malformed(Exception):
    pass


class _Reader:
    def __init__(self, text: str, path: str) -> None:
        self.at = 0
        self._text, self._path = text, path
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self) -> Place:
        line = bisect_right(self._lines, self.at)
        return Place(self._path, line, self.at - self._lines[line - 1] + 1)

    def skip(self) -> str:
        blank = _BLANK.match(self._text, self.at)
        self.at = blank.end() if blank else self.at
        return self._text[self.at : self.at + 1]

    def value(self, depth: int) -> Node:
        if depth > DEPTH:
            raise _Malformed(f"nested deeper than {DEPTH} levels")
        begin, place = self.skip(), self.place()
        if begin == "{":
            return self._object(place, depth)
        if begin == "[":
            return self._array(place, depth)
        if begin == '"':
            text = self._string()
            return Node(text, self._ended(place), style='"')
        for word, value in _WORDS.items():
            if self._text.startswith(word, self.at):
                self.at += len(word)
                return Node(value, self._ended(place))
        number = _NUMBER.match(self._text, self.at)
        if number is None or len(number[0]) > DIGITS:
            raise _Malformed("a value was expected")
        self.at = number.end()
        return Node(float(number[0]) if number[1] or number[2] else int(number[0]), self._ended(place))

    def _ended(self, begin: Place) -> Place:
        """The place that ends where reading stands now."""
        here = self.place()
        return replace(begin, end_line=here.line, end_column=here.column)

    def _string(self) -> str:
        text, self.at = scanstring(self._text, self.at + 1, True)
        return str(text)

    def _array(self, place: Place, depth: int) -> Node:
        self.at += 1
        items: list[Node] = []
        if self.skip() != "]":
            items.append(self.value(depth + 1))
            while self.skip() == ",":
                self.at += 1
                items.append(self.value(depth + 1))
        self._expect("]")
        return Node(items, self._ended(place))

    def _object(self, place: Place, depth: int) -> Node:
        self.at += 1
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        if self.skip() != "}":
            self._entry(entries, keys, depth)
            while self.skip() == ",":
                self.at += 1
                self._entry(entries, keys, depth)
        self._expect("}")
        return Node(entries, self._ended(place), keys=keys)

    def _entry(self, entries: dict[str, Node], keys: dict[str, Place], depth: int) -> None:
        if self.skip() != '"':
            raise _Malformed("a key in quotes was expected")
        begin = self.place()
        name = self._string()
        place = self._ended(begin)
        if name in entries:
            raise _Malformed(f"the key {name} stands twice")
        self._expect(":")
        entries[name], keys[name] = self.value(depth + 1), place

    def _expect(self, sign: str) -> None:
        if self.skip() != sign:
            raise _Malformed(f"{sign} was expected")
        self.at += 1
