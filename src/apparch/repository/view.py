"""The view: which files a repository has, and their text, within bounds and never outside its folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from apparch.repository.places import Place, Problem

T = TypeVar("T")
SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"})


@dataclass(frozen=True)
class Bounds:
    """How much of a repository is read, in bytes and files."""

    file: int = 1_000_000
    total: int = 50_000_000
    files: int = 20_000
    depth: int = 30
    """Levels of folders."""


class Repository:
    """A folder's files, read and parsed once each, on demand.

    A symbolic link is never followed: what it names may lie outside, and a loop has no end.
    """

    def __init__(self, root: Path, bounds: Bounds | None = None) -> None:
        self.root = root
        self.bounds = bounds or Bounds()
        self.skipped: list[Problem] = []
        """Links and folders that were left out, and why."""
        self._texts: dict[str, str | Problem] = {}
        self._contents: dict[str, bytes | Problem] = {}
        self._parsed: dict[tuple[str, Callable[[str, str], object]], object] = {}
        self._memos: dict[Callable[..., object], dict[str, Any]] = {}
        self._read = 0
        self.prefix = ""
        """What stands before each path where a place is told."""

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The path of every regular file, sorted."""
        found: list[str] = []
        folders = [(PurePosixPath(), 0)]
        while folders:
            folder, depth = folders.pop()
            try:
                entries = sorted(os.scandir(self.root / folder), key=lambda entry: entry.name)
            except OSError as error:
                self._skip(folder, f"not readable: {error.strerror}")
                continue
            for entry in entries:
                path = folder / entry.name
                if entry.is_symlink():
                    self._skip(path, "a symbolic link, which is not followed")
                elif entry.is_dir(follow_symlinks=False) and entry.name not in SKIPPED:
                    if depth < self.bounds.depth:
                        folders.append((path, depth + 1))
                    else:
                        self._skip(path, f"deeper than {self.bounds.depth} folders")
                elif entry.is_file(follow_symlinks=False):
                    found.append(path.as_posix())
            if len(found) > self.bounds.files:
                self._skip(folder, f"the repository has more than {self.bounds.files} files")
                break
        return tuple(sorted(found[: self.bounds.files]))

    def matching(self, *patterns: str) -> list[str]:
        """The files whose path matches one of the patterns, in which `*` also stands for slashes."""
        return [path for path in self.files if any(fnmatchcase(path, pattern) for pattern in patterns)]

    @cached_property
    def _charts(self) -> frozenset[str]:
        return frozenset(PurePosixPath(path).parent.as_posix() for path in self.files if path.endswith("Chart.yaml"))

    def in_chart(self, path: str) -> bool:
        """Whether a file is a Helm chart's template: text with braces, and no YAML before Helm has read it."""
        return any(
            each.as_posix() in self._charts and "templates" in PurePosixPath(path).parts
            for each in PurePosixPath(path).parents
        )

    def somewhere(self, *wanted: str) -> Place:
        """A place that exists, for what is nowhere: the first of these files that is there, else the first of all."""
        found = next((path for path in wanted if self.has(path)), None) or next(iter(self.files), None)
        return Place(f"{self.prefix}{found}" if found else f"{self.prefix}.")

    def below(self, directory: str) -> Repository:
        """One of its directories as a repository of its own; places still tell whole paths."""
        prefix = f"{PurePosixPath(directory).as_posix().strip('/')}/" if directory.strip("./") else ""
        return _Part(self, prefix) if prefix else self

    @staticmethod
    def of(contents: Mapping[str, str | bytes]) -> Repository:
        """A repository that lies in memory: its files by their paths."""
        return _InMemory(contents)

    def has(self, path: str) -> bool:
        """Whether there is such a regular file."""
        return path in self._known

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.files)

    def memo(self, owner: Callable[..., object]) -> dict[str, Any]:
        """What a function has computed of this repository so far, for it to keep: files never change here."""
        return self._memos.setdefault(owner, {})

    def content(self, path: str) -> bytes | Problem:
        """A file's bytes, or why there are none."""
        if path not in self._contents:
            self._contents[path] = self._content(path)
        return self._contents[path]

    def text(self, path: str) -> str | Problem:
        """A file's text, or why there is none."""
        if path not in self._texts:
            self._texts[path] = self._text(path)
        return self._texts[path]

    def _content(self, path: str) -> bytes | Problem:
        place = Place(path)
        if not self.has(path):
            skipped = next((each.message for each in self.skipped if each.place.path == path), "there is no such file")
            return Problem(place, skipped)
        try:
            data = _read(self.root / path, self.bounds.file)
        except OSError as error:
            return Problem(place, f"not readable: {error.strerror}")
        if data is None:
            return Problem(place, f"larger than {self.bounds.file} bytes")
        self._read += len(data)
        if self._read > self.bounds.total:
            return Problem(
                place, f"not read: the repository's files are larger than {self.bounds.total} bytes together"
            )
        return data

    def _text(self, path: str) -> str | Problem:
        data = self.content(path)
        if isinstance(data, Problem):
            return data
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            return Problem(Place(path, line), "not UTF-8 text")

    def parsed(self, path: str, parse: Callable[[str, str], T | Problem]) -> T | Problem:
        """What a parser makes of a file, the first problem on the way included; each file is parsed once."""
        key = (path, parse)
        if key not in self._parsed:
            text = self.text(path)
            self._parsed[key] = text if isinstance(text, Problem) else parse(text, f"{self.prefix}{path}")
        return self._parsed[key]  # type: ignore[return-value]

    def unread(self) -> list[Problem]:
        """What was asked for, is there, and could not be read or parsed."""
        asked = [*self._texts.values(), *self._parsed.values()]
        return list(dict.fromkeys(each for each in asked if isinstance(each, Problem) and self.has(each.place.path)))

    def _skip(self, path: PurePosixPath, message: str) -> None:
        self.skipped.append(Problem(Place(path.as_posix()), message))


class _Part(Repository):
    """The files below one directory of a repository."""

    def __init__(self, whole: Repository, prefix: str) -> None:
        super().__init__(whole.root, whole.bounds)
        self._whole = whole
        self.prefix = f"{whole.prefix}{prefix}"
        self._below = prefix
        self.skipped = whole.skipped

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The paths of its files, relative to the directory."""
        return tuple(path.removeprefix(self._below) for path in self._whole.files if path.startswith(self._below))

    def _content(self, path: str) -> bytes | Problem:
        return self._whole.content(f"{self._below}{path}")


class _InMemory(Repository):
    """Files that were given as texts."""

    def __init__(self, contents: Mapping[str, str | bytes]) -> None:
        super().__init__(Path())
        self._given = {path: each if isinstance(each, bytes) else each.encode() for path, each in contents.items()}

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The paths that were given, sorted."""
        return tuple(sorted(self._given))

    def _content(self, path: str) -> bytes | Problem:
        return self._given[path] if path in self._given else Problem(Place(path), "there is no such file")


def _read(path: Path, limit: int) -> bytes | None:
    """The bytes of a regular file; None if there are more than `limit`. A file that became a link is refused."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "not a regular file")
        data = file.read(limit + 1)
    return data if len(data) <= limit else None
