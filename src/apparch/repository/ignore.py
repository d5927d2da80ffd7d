"""Ignore files: which paths a .gitignore keeps from git, and a .dockerignore from a builder's context."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from apparch.repository.patterns import LONGEST, NOTHING, expression
from apparch.repository.places import Place

if TYPE_CHECKING:
    from apparch.repository.view import Repository

LINES = 5_000
"""How many lines of an ignore file are read."""
GLUED = 3
"""How many stars a builder's pattern may have in which `**` is not a step of its own; with more it means nothing."""


@dataclass(frozen=True)
class Line:
    """One pattern of an ignore file."""

    pattern: str
    """As it is written, without `!`."""
    negated: bool
    """Whether it takes paths back in."""
    folders: bool
    """Whether it speaks of folders only."""
    meaning: re.Pattern[str]
    place: Place


@dataclass(frozen=True)
class IgnoreFile:
    """The patterns of one file, which speak of the paths below one folder."""

    folder: str
    """The folder with a slash behind it; empty for the root."""
    lines: tuple[Line, ...]

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{line.meaning.pattern})" for line in self.lines) or "(?!)", re.DOTALL)

    def decides(self, path: str, *, directory: bool = False) -> Line | None:
        """The last line that speaks of this very path, if any does; of its parents others may."""
        if not path.startswith(self.folder):
            return None
        inner = path[len(self.folder) :]
        if not self._any.fullmatch(inner):
            return None
        lines = reversed(self.lines)
        return next((each for each in lines if (directory or not each.folders) and each.meaning.fullmatch(inner)), None)


@dataclass(frozen=True)
class Ignore:
    """What a kind of ignore file leaves out of a repository."""

    files: tuple[IgnoreFile, ...]
    """Those of deeper folders later."""
    parents_bind: bool = True
    """Whether what lies in an ignored folder stays ignored whatever is said of it, as for git and unlike a builder."""

    def excluded(self, path: str, *, directory: bool = False) -> bool:
        """Whether the path, which need not exist, is left out, by what is said of itself or of a folder above it."""
        line = self.decided(path, directory=directory)
        return line is not None and not line.negated

    def decided(self, path: str, *, directory: bool = False) -> Line | None:
        """The line by which a path is left out or kept; None where none speaks of it."""
        steps = path.strip("/").split("/")
        levels = [("/".join(steps[:end]), end < len(steps) or directory) for end in range(1, len(steps) + 1)]
        if not self.parents_bind:
            spoken = [line for level, folder in levels if (line := self._speaks(level, directory=folder))]
            return max(spoken, key=lambda line: line.place.line, default=None)
        found = None
        for level, folder in levels:
            found = self._speaks(level, directory=folder) or found
            if found is not None and not found.negated:
                break
        return found

    def _speaks(self, path: str, *, directory: bool) -> Line | None:
        found = (each.decides(path, directory=directory) for each in reversed(self.files))
        return next((line for line in found if line is not None), None)


def parse_gitignore(text: str, path: str, folder: str | None = None) -> IgnoreFile:
    """A .gitignore; its patterns speak of its own folder unless another is given (as for .git/info/exclude)."""
    own = posixpath.dirname(path) if folder is None else folder
    return IgnoreFile(f"{own}/" if own else "", _lines(text, path, _git_line))


def parse_dockerignore(text: str, path: str) -> IgnoreFile:
    """A .dockerignore, whose patterns speak of the root of the context."""
    return IgnoreFile("", _lines(text, path, _docker_line))


def gitignore(repository: Repository) -> Ignore:
    """What the .gitignore files of a repository leave out, each speaking of its folder."""
    known = repository.memo(gitignore)
    if not known:
        found = [path for path in repository.files if posixpath.basename(path) == ".gitignore"]
        found.sort(key=lambda path: path.count("/"))
        known[""] = Ignore(tuple(_read(repository, found, parse_gitignore)))
    ignored: Ignore = known[""]
    return ignored


def dockerignore(repository: Repository, dockerfile: str = "Dockerfile") -> Ignore | None:
    """What a builder leaves out whose context is the repository's root; None where it has no .dockerignore.

    One that is named as the Dockerfile, with `.dockerignore` behind it, goes before that of the root.
    """
    names = [each for each in (f"{dockerfile}.dockerignore", ".dockerignore") if repository.has(each)]
    files = tuple(_read(repository, names[:1], parse_dockerignore))
    return Ignore(files, parents_bind=False) if files else None


def _read(
    repository: Repository, paths: Iterable[str], parse: Callable[[str, str], IgnoreFile]
) -> Iterable[IgnoreFile]:
    for path in paths:
        text = repository.text(path)
        if isinstance(text, str):
            found = parse(text, path)
            yield IgnoreFile(found.folder, tuple(_told(line, repository.prefix) for line in found.lines))


def _told(line: Line, prefix: str) -> Line:
    return replace(line, place=replace(line.place, path=f"{prefix}{line.place.path}"))


def _lines(text: str, path: str, parse: Callable[[str], tuple[str, bool, bool, str] | None]) -> tuple[Line, ...]:
    found: list[Line] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n")[:LINES], start=1):
        read = parse(line)
        if read is not None:
            pattern, negated, folders, written = read
            place = Place(path, number, 1, number, len(line.rstrip()) + 1)
            found.append(Line(pattern, negated, folders, re.compile(written, re.DOTALL), place))
    return tuple(found)


def _git_line(line: str) -> tuple[str, bool, bool, str] | None:
    if line.startswith("#"):
        return None
    kept = re.fullmatch(r"((?:\\.|[^\\])*?\\?) *", line.removesuffix("\r"), re.DOTALL)
    pattern = kept[1] if kept else line
    negated = pattern.startswith("!")
    pattern = pattern.removeprefix("!")
    folders = pattern.endswith("/")
    inner = pattern.removesuffix("/")
    if not inner:
        return None
    return pattern, negated, folders, expression(inner.removeprefix("/"), anchored="/" in inner)


def _docker_line(line: str) -> tuple[str, bool, bool, str] | None:
    pattern = "" if line.startswith("#") else line.strip()
    negated = pattern.startswith("!")
    inner = pattern.removeprefix("!").strip()
    if not inner:
        return None
    cleaned = posixpath.normpath(inner)
    cleaned = cleaned.lstrip("/") if len(cleaned) > 1 else cleaned
    return inner, negated, False, _docker_expression(cleaned)


def _docker_expression(pattern: str) -> str:
    """As moby's patternmatcher writes it: `!` negates no class, and `**` crosses slashes inside a step as well."""
    if all(step == "**" or "**" not in step for step in pattern.split("/")):
        return expression(pattern.replace("[!", "[\\!"), anchored=True)
    parts = re.split(r"(\*\*/?|\*|\?)", pattern)
    if sum("*" in part for part in parts[1::2]) > GLUED or len(pattern) > LONGEST:
        return NOTHING
    wild = {"*": "[^/]*", "?": "[^/]"}
    written = "".join(wild.get(part, "(?:.*/)?") if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return written.removesuffix("(?:.*/)?") + ".*" if pattern.endswith("**") else written
