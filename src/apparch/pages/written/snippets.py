"""How a block's one include line becomes the text of a snippet file, or of a named section of one."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from apparch.pages.errors import PageError

INCLUDE = re.compile(r'--8<-- "(?P<path>[^":]+)(?::(?P<section>[a-z][a-z0-9-]*))?"')
MARKER = re.compile(r"^.*--8<--\s*\[(?P<edge>start|end):(?P<name>[^\]]*)\].*$")
NAME = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Snippet:
    """What an include brings in, with its place."""

    path: str
    """Relative to the repository's root, with forward slashes."""
    section: str | None
    first: int
    """Number of its first line in the file, counted from 1."""
    last: int
    text: str
    """Its lines without section markers and common indent."""


def read_snippet(root: Path, include: str) -> Snippet:
    """The snippet that an include line names.

    Raises:
        PageError: the line is no include, the file or section is missing, or the file's markers are wrong.
    """
    match = INCLUDE.fullmatch(include.strip())
    if not match:
        raise PageError(f'{include.strip()!r} is no include; write --8<-- "snippets/PATH" or "snippets/PATH:section"')
    path, section = match.group("path"), match.group("section")
    file = root / path
    if not path.startswith("snippets/") or ".." in Path(path).parts:
        raise PageError(f"{path}: only files under snippets/ are shown on pages")
    if not file.is_file():
        raise PageError(f"{path}: no such snippet file")
    lines, sections = _read(file, path, file.stat().st_mtime_ns)
    if section is None:
        first, last = 1, len(lines)
    elif section in sections:
        first, last = sections[section]
    else:
        raise PageError(f"{path}: no section [{section}]; it has {', '.join(sections) or 'none'}")
    kept = [line for line in lines[first - 1 : last] if not MARKER.match(line)]
    return Snippet(path, section, first, last, textwrap.dedent("\n".join(kept)).strip("\n"))


def find_sections(lines: list[str], path: str) -> dict[str, tuple[int, int]]:
    """The named sections of a snippet file with the numbers of their first and last lines.

    Raises:
        PageError: a marker is malformed, or a section is empty, stands twice, overlaps itself or is never closed.
    """
    sections: dict[str, tuple[int, int]] = {}
    open_at: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        marker = MARKER.match(line)
        if not marker:
            if "--8<--" in line:
                raise PageError(f"{path}:{number}: a malformed section marker; write --8<-- [start:name] or [end:name]")
            continue
        edge, name = marker.group("edge"), marker.group("name")
        if not NAME.fullmatch(name):
            raise PageError(f"{path}:{number}: section name {name!r}; use a-z, 0-9 and dashes")
        if edge == "start":
            if name in sections or name in open_at:
                raise PageError(f"{path}:{number}: section [{name}] stands twice")
            open_at[name] = number
        elif name not in open_at:
            raise PageError(f"{path}:{number}: [end:{name}] without its start")
        else:
            first = open_at.pop(name) + 1
            inner = [text for text in lines[first - 1 : number - 1] if not MARKER.match(text)]
            if not any(text.strip() for text in inner):
                raise PageError(f"{path}:{number}: section [{name}] is empty")
            sections[name] = (first, number - 1)
    if open_at:
        name, number = next(iter(open_at.items()))
        raise PageError(f"{path}:{number}: section [{name}] is never closed; add --8<-- [end:{name}]")
    return sections


@lru_cache(maxsize=512)
def _read(file: Path, path: str, _modified: int) -> tuple[list[str], dict[str, tuple[int, int]]]:
    lines = file.read_text("utf-8").rstrip("\n").split("\n")
    return lines, find_sections(lines, path)
