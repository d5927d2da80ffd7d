"""Where something stands in a repository, and what is wrong there."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Place:
    """A range in a file; lines and columns count from 1. Two places are equal that begin at the same spot."""

    path: str
    """Relative to the repository, with slashes."""
    line: int = 1
    column: int = 1
    end_line: int = field(default=0, compare=False)
    """The line of its last character; 0 where the end is unknown, so that the whole line is meant."""
    end_column: int = field(default=0, compare=False)
    """The column behind its last character; 0 where the end is unknown."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """Why a file, or a part of it, cannot be read: the fault of the repository, so a value and no exception."""

    place: Place
    message: str


def spot(path: str, text: str, begin: int, end: int) -> Place:
    """The place of `text[begin:end]` in a file."""
    line, column = _position(text, begin)
    return Place(path, line, column, *_position(text, end))


def within(place: Place, text: str, begin: int, end: int) -> Place:
    """The place of `text[begin:end]`, where the text begins at a place and goes on in the file as it stands there."""
    lines, column = _position(text, begin)
    end_lines, end_column = _position(text, end)
    return Place(
        place.path,
        place.line + lines - 1,
        column + (place.column - 1 if lines == 1 else 0),
        place.line + end_lines - 1,
        end_column + (place.column - 1 if end_lines == 1 else 0),
    )


def _position(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
