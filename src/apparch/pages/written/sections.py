"""The headings of a page, their ids, what stands below each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apparch.pages.written.fences import find_fences

HEADING = re.compile(r"^(?P<marks>#{1,6}) +(?P<title>.*?)(?: *\{ *#(?P<id>[^ }]+)[^}]*\})? *$")
CHAPTER = re.compile(r"\d+|[a-z]")
TOP = "top"
"""The id that stands for what comes before the first heading with an id."""


@dataclass(frozen=True)
class Section:
    """A heading with the text below it, up to the next heading."""

    id: str
    """Its explicit id, the same in both languages; empty where none is given."""
    level: int
    title: str
    line: int
    """Number of the heading's line, counted from 1."""
    text: str
    """The heading and what follows, up to the next heading."""

    @property
    def chapter(self) -> bool:
        """Whether it opens a chapter of a document: a number or an appendix's letter is its whole id."""
        return self.level == 2 and bool(CHAPTER.fullmatch(self.id))


def find_sections(markdown: str) -> list[Section]:
    """The sections of a page in order, what comes before the first heading as the section `top`."""
    lines = markdown.split("\n")
    fenced = {number for fence in find_fences(markdown) for number in range(fence.first, fence.last + 1)}
    starts = [(n, m) for n, line in enumerate(lines) if n not in fenced and (m := HEADING.match(line))]
    bounds = [n for n, _ in starts] + [len(lines)]
    found = [Section(TOP, 0, "", 1, "\n".join(lines[: bounds[0]]))]
    for (number, match), end in zip(starts, bounds[1:], strict=True):
        level = len(match.group("marks"))
        name = match.group("id") or (TOP if level == 1 else "")
        found.append(Section(name, level, match.group("title"), number + 1, "\n".join(lines[number:end])))
    return found


def label(section_id: str) -> str:
    """A section's number as the documents write it: `4-2` is 4.2, `a-2` is A.2, `3-4-src` is 3.4 src."""
    parts = section_id.split("-")
    numbers = [part for part in parts if re.fullmatch(r"[a-e]|\d+", part)]
    rest = parts[len(numbers) :]
    return " ".join([".".join(numbers).upper(), *rest]).strip()


def number(section_id: str) -> str:
    """A section's number alone; a subsection without one, such as `3-4-src`, goes by the section it is in."""
    return label(section_id).split(" ")[0]
