"""A path as a person gives it, on whichever system, and as the repository has it."""

from __future__ import annotations

from pathlib import PureWindowsPath


def repository_path(given: str) -> str:
    """The path with slashes and without `./`; what it is relative to is taken for the repository's root.

    `src\\app`, `.\\src\\app` and `./src/app` are all `src/app`. A drive stays, so that it is the path of nothing.
    """
    # Windows takes both signs for separators, so its rules read a path of either system.
    path = PureWindowsPath(given)
    return "" if path.as_posix() == "." else path.as_posix().removesuffix("/")
