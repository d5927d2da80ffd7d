"""Where something stands in a repository, and what is wrong there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """A spot in a file; lines and columns count from 1."""

    path: str
    """Relative to the repository, with slashes."""
    line: int = 1
    column: int = 1
    end_line: int = 0
    """Where it ends; 0 where that is unknown and the whole line is meant."""
    end_column: int = 0
    """The column after its last character."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """Why a file, or a part of it, cannot be read: the fault of the repository, so a value and no exception."""

    place: Place
    message: str
