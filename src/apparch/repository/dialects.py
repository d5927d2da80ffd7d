"""The dialects of .env files: what python-dotenv, docker, kustomize and a shell each make of the same lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from apparch.repository.dotenv import Entry, parse_generator_lines
from apparch.repository.places import Place, Problem, spot
from apparch.repository.shell import parse_commands

Dialect = Literal["python-dotenv", "docker", "kustomize", "shell"]
_BLANK = re.compile(r"[^\S\r\n]*")
_KEY = re.compile(r"'([^']+)'|(?!')([^=#\s]+)")
_EXPORT = re.compile(r"export[^\S\r\n]+")
_QUOTED = {"'": re.compile(r"'((?:\\.|[^'\\])*)'", re.DOTALL), '"': re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)}
_BEHIND = re.compile(r"[^\S\r\n]*(?:#[^\r\n]*)?(?:\r\n|\n|\r|\Z)")
_LINE = re.compile(r"[^\r\n]*")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse_env(text: str, path: str, dialect: Dialect) -> tuple[Entry, ...] | Problem:
    """The variables that a file sets for a reader of this dialect, the later of one name behind the earlier.

    What is set from outside the file (a name alone, for python-dotenv and docker) is left out. References such as
    `${A}` stay as they are written, though python-dotenv and shells put values in.
    """
    return _PARSERS[dialect](text.removeprefix("\ufeff"), path)


def differing(text: str, path: str) -> dict[str, dict[Dialect, str | None]]:
    """The variables of which not all dialects make the same value; None where one does not set it or cannot read it."""
    read: dict[Dialect, dict[str, str]] = {}
    for dialect in _PARSERS:
        entries = parse_env(text, path, dialect)
        read[dialect] = {} if isinstance(entries, Problem) else {each.name: each.value for each in entries}
    names = dict.fromkeys(name for values in read.values() for name in values)
    found = {name: {dialect: values.get(name) for dialect, values in read.items()} for name in names}
    return {name: values for name, values in found.items() if len(set(values.values())) > 1}


def _python_dotenv(text: str, path: str) -> tuple[Entry, ...] | Problem:
    found: list[Entry] = []
    at = 0
    while at < len(text):
        at += len(text[at:]) - len(text[at:].lstrip()) if text[at].isspace() else 0
        if at >= len(text):
            break
        begin = at
        exported = _EXPORT.match(text, at)
        at = exported.end() if exported else at
        entry, end = _binding(text, at)
        behind = _BEHIND.match(text, end) if entry is not None or text[at : at + 1] == "#" else None
        if behind is None:  # python-dotenv warns, and goes on behind the line
            rest = _LINE.match(text, max(end, at))
            at = (rest.end() if rest else at) + 1
            continue
        if entry is not None and entry[1] is None:  # a name alone takes away what was set before
            found = [each for each in found if each.name != entry[0]]
        elif entry is not None and entry[1] is not None:
            found.append(Entry(entry[0], entry[1], "", spot(path, text, begin, end)))
        at = max(behind.end(), begin + 1)
    return tuple(found)


def _binding(text: str, at: int) -> tuple[tuple[str, str | None] | None, int]:
    """The key and value that begin here, and where they end; no pair where there is none."""
    key = None if text[at : at + 1] == "#" else _KEY.match(text, at)
    if key is None:
        return None, at
    name = key[1] or key[2]
    end = _end(_BLANK, text, key.end())
    if text[end : end + 1] != "=":
        return (name, None), end
    value = _end(_BLANK, text, end + 1)
    sign = text[value : value + 1]
    if sign == "#" and value > end + 1:
        return (name, ""), value
    if sign in _QUOTED:
        quoted = _QUOTED[sign].match(text, value)
        if quoted is None:
            return None, value
        special = r"\\([\\'])" if sign == "'" else r"\\([\\'\"abfnrtv])"
        return (name, re.sub(special, lambda sign: _ESCAPES.get(sign[1], sign[1]), quoted[1])), quoted.end()
    end = _end(_LINE, text, value)
    return (name, re.sub(r"\s+#.*", "", text[value:end]).rstrip()), end


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _docker(text: str, path: str) -> tuple[Entry, ...] | Problem:
    """As `docker run --env-file`: nothing is unquoted, nothing behind a value is a comment."""
    found: list[Entry] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.removesuffix("\r").lstrip(" \t")
        place = Place(path, number, 1, number, len(raw.rstrip()) + 1)
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not name:
            return Problem(place, "docker wants a name before =")
        if re.search(r"\s", name):
            return Problem(place, f"docker allows no blank in a name: {name.split()[0]}")
        if equals:
            found.append(Entry(name, value, "", place))
    return tuple(found)


def _shell(text: str, path: str) -> tuple[Entry, ...] | Problem:
    """As `set -a; . FILE`: what is no assignment would be run."""
    found: list[Entry] = []
    for command in parse_commands(text):
        place = spot(path, text, command.begin, command.end)
        words = list(command.words)
        if words[:1] == ["export"]:
            pairs = [word.partition("=") for word in words[1:] if not word.startswith("-")]
        elif words:
            return Problem(place, f"a shell would run {words[0]}")
        else:
            pairs = [(name, "=", value) for name, value in command.assignments]
        for name, equals, value in pairs:
            if not _NAME.fullmatch(name):
                return Problem(place, f"{name} is no name for a shell")
            found += [Entry(name, value, "", place)] if equals else []
    return tuple(found)


_PARSERS: dict[Dialect, Callable[[str, str], tuple[Entry, ...] | Problem]] = {
    "python-dotenv": _python_dotenv,
    "docker": _docker,
    "kustomize": parse_generator_lines,
    "shell": _shell,
}
