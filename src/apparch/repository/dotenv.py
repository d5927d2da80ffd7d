"""The lines of a .env file: a key, its value, and the comment above it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apparch.repository.places import Place, Problem

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")


@dataclass(frozen=True)
class Entry:
    """One key; `comment` is the comment lines directly above it, joined."""

    name: str
    value: str
    comment: str
    place: Place


def parse_dotenv(text: str, path: str) -> tuple[Entry, ...] | Problem:
    """Every entry in order; a line that is neither entry nor comment, or a key that stands twice, is a problem."""
    entries: dict[str, Entry] = {}
    comment: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("#"):
            comment.append(stripped.lstrip("# "))
            continue
        if stripped:
            match = _LINE.fullmatch(stripped)
            if match is None:
                return Problem(Place(path, number), "neither KEY=value nor a comment")
            if match[1] in entries:
                return Problem(Place(path, number), f"the key {match[1]} stands twice")
            value = re.sub(r"^(['\"])(.*)\1$", r"\2", match[2])
            entries[match[1]] = Entry(match[1], value, " ".join(comment), _line(path, number, line))
        comment = []
    return tuple(entries.values())


def parse_generator_lines(text: str, path: str) -> tuple[Entry, ...] | Problem:
    """The lines of an env file as kustomize's generators read them: quotes stay, and `export` is a part of the name.

    A name without `=` would take its value from the environment of whoever renders, so it is a problem.
    """
    found: list[Entry] = []
    for number, line in enumerate(re.split(r"\r?\n", text), start=1):
        stripped = line.lstrip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.partition("=")
        if not name:
            continue
        if not equals:
            return Problem(Place(path, number), f"not understood: {name} without =, whose value is not in the file")
        found.append(Entry(name, value, "", _line(path, number, line)))
    return tuple(found)


def _line(path: str, number: int, line: str) -> Place:
    begin = len(line) - len(line.lstrip()) + 1
    return Place(path, number, begin, number, len(line.rstrip()) + 1)
