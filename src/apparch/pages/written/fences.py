"""Where the fenced code blocks of a page are, as the site's own fence extension sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markdown.extensions.attr_list import get_attrs_and_remainder
from pymdownx.superfences import RE_NESTED_FENCE_START, RE_OPTIONS

COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
PREFIX = re.compile(r"[> ]*")
MARKER = re.compile(r"`{3,}|~{3,}")
OPTIONS = {"hl_lines", "linenums", "title", "title_mode"}


@dataclass(frozen=True)
class Fence:
    """One fenced block: where it stands, what its opening line says, what it holds."""

    first: int
    """Index of its opening line, counted from 0."""
    last: int
    """Index of its closing line; of the page's last line where it is never closed."""
    indent: str
    """What stands before the fence on its opening line."""
    info: str
    """The opening line behind the fence characters."""
    language: str
    """Its language, empty where none is given or the line is not understood."""
    body: tuple[str, ...]
    """The lines between, their common indent removed."""
    closed: bool
    hidden: bool
    """It stands in an HTML comment, so no reader sees it."""


def find_fences(markdown: str) -> list[Fence]:
    """Every fence of a page in order, the hidden ones included; a fence inside a longer one is its text."""
    if "```" not in markdown and "~~~" not in markdown:
        return []
    lines = markdown.split("\n")
    hidden = commented_lines(markdown)
    found: list[Fence] = []
    number = 0
    while number < len(lines):
        fence = _fence_at(lines, number, hidden)
        if fence is None:
            number += 1
        else:
            found.append(fence)
            number = fence.last + 1
    return found


def _fence_at(lines: list[str], number: int, hidden: set[int]) -> Fence | None:
    line = lines[number]
    indent = PREFIX.match(line).group()  # type: ignore[union-attr]
    text = line[len(indent) :]
    marker = MARKER.match(text)
    if not marker or (marker.group()[0] == "`" and "`" in text[marker.end() :]):
        return None
    end = re.compile(rf"{re.escape(indent)}{re.escape(marker.group())}[ \t]*")
    last = next((i for i in range(number + 1, len(lines)) if end.fullmatch(lines[i])), None)
    body = lines[number + 1 : last if last is not None else len(lines)]
    return Fence(
        first=number,
        last=last if last is not None else len(lines) - 1,
        indent=indent,
        info=text[marker.end() :].strip(),
        language=_language(text),
        body=tuple(part.removeprefix(indent) for part in body),
        closed=last is not None,
        hidden=number in hidden,
    )


def _language(opening: str) -> str:
    start = RE_NESTED_FENCE_START.fullmatch(opening)
    if not start or start.group("unrecognized"):
        return ""
    if start.group("lang"):
        options = {option.group("key") for option in RE_OPTIONS.finditer(start.group("options") or "")}
        return str(start.group("lang")) if options <= OPTIONS else ""
    attributes = get_attrs_and_remainder(start.group("attrs") or "")[0]
    return next((value or "" for key, value in attributes if key == "."), "")


def commented_lines(markdown: str) -> set[int]:
    """Indices of the lines that stand in an HTML comment, counted from 0."""
    lines: set[int] = set()
    for comment in COMMENT.finditer(markdown):
        first = markdown.count("\n", 0, comment.start())
        lines.update(range(first, first + comment.group().count("\n") + 1))
    return lines
