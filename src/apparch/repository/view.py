"""The view: which files a repository has, and their text, within bounds and never outside its folder."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, Generic, TypeVar

from apparch.repository.index import REGULAR, read_bounded
from apparch.repository.listing import Bounds, Entry, Listing, listed
from apparch.repository.patterns import chosen
from apparch.repository.places import Place, Problem

T = TypeVar("T")
D = TypeVar("D", str, bytes)
KEPT = 4_000_000
"""How many bytes or signs of files that were read lately are kept, for the next judge that asks for them."""


class _Lately(Generic[D]):
    """What was read lately, and why some files cannot be read."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, D] = OrderedDict()
        self._problems: dict[str, Problem] = {}
        self._size = 0

    def get(self, path: str) -> D | Problem | None:
        kept = self._kept.get(path)
        return self._problems.get(path) if kept is None else kept

    def keep(self, path: str, data: D | Problem) -> None:
        if isinstance(data, Problem):
            self._problems[path] = data
            return
        self._kept[path] = data
        self._size += len(data)
        while self._size > KEPT:
            self._size -= len(self._kept.popitem(last=False)[1])


@dataclass(frozen=True)
class Made:
    """A file of a repository in memory that is no plain one: an executable, a link, a submodule."""

    content: str | bytes = ""
    mode: int = REGULAR


class Repository:
    """A folder's files, read and parsed once each, on demand.

    A symbolic link is never followed: what it names may lie outside, and a loop has no end.
    """

    def __init__(self, root: Path, bounds: Bounds | None = None) -> None:
        self.root = root
        self._root = os.path.join(root, "")
        self.bounds = bounds or Bounds()
        self._texts: _Lately[str] = _Lately()
        self._contents: _Lately[bytes] = _Lately()
        self._parsed: dict[tuple[str, Callable[[str, str], object]], object] = {}
        self._not_text: dict[str, Problem] = {}
        self._not_parsed: dict[tuple[str, Callable[[str, str], object]], Problem] = {}
        self._memos: dict[Callable[..., object], dict[str, Any]] = {}
        self._read = 0
        self._counted: set[str] = set()
        self.prefix = ""
        """What stands before each path where a place is told."""

    @cached_property
    def _listing(self) -> Listing:
        return listed(self.root, self.bounds)

    @property
    def skipped(self) -> Sequence[Problem]:
        """Links and folders that were left out, and why."""
        return self._listing.skipped

    @property
    def entries(self) -> Mapping[str, Entry]:
        """What git tracks or would commit, sorted by path: files, links and submodules, each with its mode.

        Tracked files that are there and untracked ones that nothing ignores; no folder is looked into that never
        holds sources (`SKIPPED`).
        """
        return self._listing.entries

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The path of every regular file of its entries, sorted."""
        found = (path for path, entry in self.entries.items() if entry.regular)
        return tuple(islice(found, self.bounds.files))

    def entry(self, path: str) -> Entry | None:
        """The file, link or submodule at a path."""
        return self.entries.get(path)

    def matching(self, *patterns: str) -> list[str]:
        """The files that some patterns mean: `*.sql` anywhere, `/x` and `a/*.yml` from the root, `a/**/b`, `a/`, `!x`.

        `*` stays within one step of a path, `**` stands for any number; `apparch.repository.patterns` says more.
        """
        known = self.memo(chosen)
        key = "\0".join(patterns)
        if key not in known:
            known[key] = tuple(chosen(patterns, self.files))
        return list(known[key])

    @cached_property
    def _charts(self) -> frozenset[str]:
        return frozenset(PurePosixPath(path).parent.as_posix() for path in self.files if path.endswith("Chart.yaml"))

    def in_chart(self, path: str) -> bool:
        """Whether a file is a Helm chart's template: text with braces, and no YAML before Helm has read it."""
        return bool(self._charts) and any(
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
    def of(contents: Mapping[str, str | bytes | Made]) -> Repository:
        """A repository that lies in memory: its files by their paths, all of them tracked."""
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
        content = self._contents.get(path)
        if content is None:
            content = self._content(path)
            self._contents.keep(path, content)
        return content

    def text(self, path: str) -> str | Problem:
        """A file's text, or why there is none."""
        text = self._texts.get(path)
        if text is None:
            text = self._text(path)
            self._texts.keep(path, text)
            if isinstance(text, Problem):
                self._not_text.setdefault(path, text)
        return text

    def _content(self, path: str) -> bytes | Problem:
        place = Place(path)
        if not self.has(path):
            skipped = next((each.message for each in self.skipped if each.place.path == path), "there is no such file")
            return Problem(place, skipped)
        try:
            most = self.bounds.of(path)
            data = read_bounded(f"{self._root}{path}", most)
        except OSError as error:
            return Problem(place, f"not readable: {error.strerror}")
        if data is None:
            return Problem(place, f"larger than {most} bytes")
        if path not in self._counted:
            self._read += len(data)
            if self._read > self.bounds.total:
                told = f"not read: the repository's files are larger than {self.bounds.total} bytes together"
                return Problem(place, told)
            self._counted.add(path)
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
            self._parsed[key] = self.read(path, parse)
        return self._parsed[key]  # type: ignore[return-value]

    def read(self, path: str, parse: Callable[[str, str], T | Problem]) -> T | Problem:
        """The same of a file that is parsed for this once: nothing but a problem is kept."""
        text = self.text(path)
        result = text if isinstance(text, Problem) else parse(text, f"{self.prefix}{path}")
        if isinstance(result, Problem):
            self._not_parsed.setdefault((path, parse), result)
        return result

    def unread(self) -> list[Problem]:
        """What was asked for, is there, and could not be read or parsed."""
        asked = [*self._not_text.values(), *self._not_parsed.values()]
        return list(dict.fromkeys(each for each in asked if self.has(each.place.path)))


class _Part(Repository):
    """The files below one directory of a repository."""

    def __init__(self, whole: Repository, prefix: str) -> None:
        super().__init__(whole.root, whole.bounds)
        self._whole = whole
        self.prefix = f"{whole.prefix}{prefix}"
        self._below = prefix

    @cached_property
    def _listing(self) -> Listing:
        below, size = self._below, len(self._below)
        found = ((path, each) for path, each in self._whole.entries.items() if path.startswith(below))
        return Listing({path[size:]: replace(each, path=path[size:]) for path, each in found}, self._whole.skipped)

    def _content(self, path: str) -> bytes | Problem:
        return self._whole.content(f"{self._below}{path}")


class _InMemory(Repository):
    """Files that were given as texts."""

    def __init__(self, contents: Mapping[str, str | bytes | Made]) -> None:
        super().__init__(Path())
        self._given = {path: each if isinstance(each, Made) else Made(each) for path, each in contents.items()}

    @cached_property
    def _listing(self) -> Listing:
        return Listing({path: Entry(path, each.mode) for path, each in sorted(self._given.items())})

    def _content(self, path: str) -> bytes | Problem:
        if not self.has(path):
            return Problem(Place(path), "there is no such file")
        content = self._given[path].content
        return content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
