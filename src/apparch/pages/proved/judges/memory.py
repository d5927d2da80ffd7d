"""Verdicts remembered for as long as the files that they may depend on stay as they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar, TypeVarTuple

T = TypeVarTuple("T")
R = TypeVar("R")


def remembered(verdict: Callable[[Path, *T], R]) -> Callable[[Path, *T], R]:
    """A function of a repository's root that looks again only after a file below snippets/ changed."""

    @lru_cache(maxsize=1024)
    def kept(_state: int, root: Path, /, *arguments: *T) -> R:
        return verdict(root, *arguments)

    @wraps(verdict)
    def ask(root: Path, /, *arguments: *T) -> R:
        return kept(_state(root / "snippets"), root, *arguments)

    return ask


def _state(folder: Path) -> int:
    """A number that another name, size or time of change of any file makes another."""
    return hash(tuple(sorted(_files(str(folder)))))


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            # What a run leaves behind is nobody's source.
            if entry.name not in {"__pycache__", ".venv", ".git"}:
                yield from _files(entry.path)
        else:
            status = entry.stat(follow_symlinks=False)
            yield entry.path, status.st_size, status.st_mtime_ns
