"""TOML: a plain mapping or nodes with their places, or why there is neither."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem, spot

_TOKEN = re.compile(
    r"(?P<blank>[ \t\r]+|#[^\n]*)|(?P<newline>\n)|(?P<sign>[\[\]{},=.])|(?P<bare>[A-Za-z0-9_-]+)"
    r'|(?P<text>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')',
    re.DOTALL,
)
_VALUE = re.compile(r"[^\s,\]}#]+(?: [0-9][^\s,\]}#]*)?")


def parse_toml(text: str, path: str) -> dict[str, Any] | Problem:
    """The file's tables; a malformed or hostile one is a problem in its line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", None) or _line(str(error))
        return Problem(Place(path, line), f"not readable as TOML: {str(error).partition(' (at')[0]}")
    except (RecursionError, ValueError) as error:
        return Problem(Place(path), f"not readable as TOML: {type(error).__name__}")


def parse_toml_nodes(text: str, path: str) -> Node | Problem:
    """The same as nodes, each with its place and the places of its keys; dates and times are texts."""
    tables = parse_toml(text, path)
    if isinstance(tables, Problem):
        return tables
    try:
        return _Placed(text.replace("\r\n", " \n"), path).node(tables)
    except (RecursionError, IndexError, ValueError, KeyError):
        return _bare(tables, Place(path))


def _line(message: str) -> int:
    _, _, rest = message.partition("(at line ")
    number = rest.partition(",")[0]
    return int(number) if number.isdigit() else 1


def _bare(value: Any, place: Place) -> Node:
    """A value whose parts have no places of their own."""
    if isinstance(value, dict):
        return Node({key: _bare(each, place) for key, each in value.items()}, place, keys=dict.fromkeys(value, place))
    if isinstance(value, list):
        return Node([_bare(each, place) for each in value], place)
    return Node(value if isinstance(value, str | int | float | bool) else str(value), place)


Steps = tuple[str | int, ...]


class _Placed:
    """One pass over a file that is known to be well-formed, noting where each key and value stands."""

    def __init__(self, text: str, path: str) -> None:
        self._text, self._path, self._at = text, path, 0
        self._keys: dict[Steps, Place] = {}
        self._values: dict[Steps, Place] = {}
        self._styles: dict[Steps, str] = {}
        self._counts: dict[Steps, int] = {}
        self._read()

    def node(self, tables: dict[str, Any]) -> Node:
        return self._node(tables, (), Place(self._path))

    def _node(self, value: Any, path: Steps, near: Place) -> Node:
        place = self._values.get(path) or self._keys.get(path) or near
        if isinstance(value, dict):
            entries = {key: self._node(each, (*path, key), place) for key, each in value.items()}
            return Node(entries, place, keys={key: self._keys.get((*path, key), place) for key in value})
        if isinstance(value, list):
            return Node([self._node(each, (*path, index), place) for index, each in enumerate(value)], place)
        if isinstance(value, str | int | float | bool):
            return Node(value, place, style=self._styles.get(path, ""))
        return Node(str(value), place)

    def _read(self) -> None:
        table: Steps = ()
        while self._skip(newlines=True):
            begin = self._at
            if self._text[begin] == "[":
                many = self._text.startswith("[[", begin)
                self._at += 2 if many else 1
                names, place = self._key()
                table = self._resolved(names)
                if many:
                    count = self._counts.get(table, 0)
                    self._counts[table] = count + 1
                    self._keys.setdefault(table, place)
                    table = (*table, count)
                self._keys.setdefault(table, place)
                self._skip()
                self._at += 2 if many else 1
            else:
                self._entry(table)

    def _resolved(self, names: Steps) -> Steps:
        """The path of a header: where a list of tables is on the way, its last table is meant."""
        found: Steps = ()
        for index, name in enumerate(names):
            found = (*found, name)
            if found in self._counts and index < len(names) - 1:
                found = (*found, self._counts[found] - 1)
        return found

    def _entry(self, table: Steps) -> None:
        names, place = self._key()
        for end in range(1, len(names) + 1):
            self._keys.setdefault((*table, *names[:end]), place)
        self._skip()
        self._at += 1  # the sign =
        self._value((*table, *names))

    def _key(self) -> tuple[Steps, Place]:
        names: list[str] = []
        self._skip()
        begin = end = self._at
        while True:
            self._skip()
            token = _TOKEN.match(self._text, self._at)
            if token is None or token.lastgroup not in ("bare", "text"):
                raise ValueError
            names.append(str(next(iter(tomllib.loads(f"{token[0]} = 0")))))
            self._at = end = token.end()
            if self._skip() != ".":
                return tuple(names), spot(self._path, self._text, begin, end)
            self._at += 1

    def _value(self, path: Steps) -> None:
        self._skip(newlines=True)
        begin = self._at
        token = _TOKEN.match(self._text, begin)
        if token is not None and token.lastgroup == "text":
            self._at = token.end()
            self._styles[path] = token[0][: 3 if token[0].startswith(('"""', "'''")) else 1]
        elif self._text[begin] == "[":
            self._listed(path)
        elif self._text[begin] == "{":
            self._inline(path)
        else:
            value = _VALUE.match(self._text, begin)
            self._at = value.end() if value else begin + 1
        self._values[path] = spot(self._path, self._text, begin, self._at)

    def _listed(self, path: Steps) -> None:
        self._at += 1
        index = 0
        while (sign := self._skip(newlines=True)) != "]":
            if sign == ",":
                self._at += 1
            else:
                self._value((*path, index))
                index += 1
        self._at += 1

    def _inline(self, path: Steps) -> None:
        self._at += 1
        while (sign := self._skip(newlines=True)) != "}":
            if sign == ",":
                self._at += 1
            else:
                self._entry(path)
        self._at += 1

    def _skip(self, *, newlines: bool = False) -> str:
        while token := _TOKEN.match(self._text, self._at):
            if token.lastgroup != "blank" and not (newlines and token.lastgroup == "newline"):
                break
            self._at = token.end()
        return self._text[self._at : self._at + 1]
