"""The listing: which files a folder has that git would commit, found without following a link."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from apparch.repository.ignore import IgnoreFile, parse_gitignore
from apparch.repository.index import EXECUTABLE, LINK, REGULAR, SUBMODULE, Checkout, find_checkout, read_bounded
from apparch.repository.places import Place, Problem

SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"})
_IGNORE_FILE_SIZE = 1_000_000
_LOCKS = re.compile(r"(?:.*/)?[\w-]*(?:[.]lock|-lock[.](?:json|yaml)|[.]sum|[.]lockfile|shrinkwrap[.]json)")
"""Files that tools write, which grow with what is locked."""


@dataclass(frozen=True)
class Bounds:
    """How much of a repository is read, in bytes and files."""

    file: int = 1_000_000
    lock: int = 5_000_000
    """Of one lock file."""
    total: int = 200_000_000
    files: int = 20_000
    depth: int = 30
    """Levels of folders."""

    def of(self, path: str) -> int:
        """How large the file at a path may be."""
        return max(self.file, self.lock) if _LOCKS.fullmatch(path) else self.file


@dataclass(frozen=True)
class Entry:
    """One path of a repository, with the mode that git has or would give it."""

    path: str
    mode: int = REGULAR
    tracked: bool = True
    """False for a file that git does not know yet, and for all where there is no readable index."""

    @property
    def executable(self) -> bool:
        """Whether it may be run."""
        return self.mode == EXECUTABLE

    @property
    def link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode == LINK

    @property
    def submodule(self) -> bool:
        """Whether another repository stands there."""
        return self.mode == SUBMODULE

    @property
    def regular(self) -> bool:
        """Whether it has a content of its own."""
        return not self.link and not self.submodule


@dataclass(frozen=True)
class Listing:
    """What was found, and what was left out with the reason."""

    entries: dict[str, Entry] = field(default_factory=dict)
    skipped: Sequence[Problem] = ()


def listed(root: Path, bounds: Bounds) -> Listing:
    """The working tree as it would be committed: tracked files that are there, and others that nothing ignores.

    Ignore rules are those of .gitignore files and of .git/info/exclude, not those of a person's own configuration.
    Where the folder lies in no checkout, or its index cannot be read, ignore rules alone decide.
    """
    checkout = find_checkout(root)
    walk = _Walk(root, bounds, checkout, _prefix(root, checkout))
    if walk.ignores_itself():
        walk = _Walk(root, bounds, None, "")
    walk.run()
    return Listing(dict(sorted(walk.entries.items())), walk.skipped)


def _prefix(root: Path, checkout: Checkout | None) -> str:
    if checkout is None:
        return ""
    inner = os.path.relpath(os.path.abspath(root), checkout.top).replace(os.sep, "/")
    return "" if inner == "." else f"{inner}/"


class _Walk:
    """One walk; paths inside are those of the checkout, told ones those of the root."""

    def __init__(self, root: Path, bounds: Bounds, checkout: Checkout | None, prefix: str) -> None:
        self.entries: dict[str, Entry] = {}
        self.skipped: list[Problem] = []
        self._root, self._bounds, self._prefix = os.fspath(root), bounds, prefix
        self._nested = checkout is not None
        known = checkout.tracked if checkout else None
        self._tracked = {
            path.removeprefix(prefix): mode for path, mode in (known or {}).items() if path.startswith(prefix)
        }
        self._parents = {parent for path in self._tracked for parent in _parents(path)}
        self._outer = _outer_rules(checkout, prefix)

    def ignores_itself(self) -> bool:
        """Whether the root lies in an ignored folder of a checkout that tracks nothing in it."""
        steps = _parents(self._prefix)
        return not self._tracked and any(_ignored(self._outer, step, directory=True) for step in reversed(steps))

    def run(self) -> None:
        """List all folders, the root first."""
        folders: list[tuple[str, int, bool, tuple[IgnoreFile, ...]]] = [("", 0, False, self._outer)]
        while folders:
            folder, depth, lost, rules = folders.pop()
            try:
                with os.scandir(os.path.join(self._root, folder) if folder else self._root) as scanned:
                    entries = sorted(islice(scanned, self._bounds.files * 10), key=lambda entry: entry.name)
            except OSError as error:
                self._skip(folder, f"not readable: {error.strerror}")
                continue
            names = {entry.name for entry in entries}
            if folder and self._nested and ".git" in names and f"{folder}/" not in self._parents:
                continue  # another repository, of which git would commit nothing
            if ".gitignore" in names and not lost:
                here = os.path.join(self._root, folder, ".gitignore")
                rules = (*rules, *_rules_of(here, (self._prefix + folder).rstrip("/")))
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                try:
                    below = self._take(path, entry, depth, lost, rules)
                except OSError as error:
                    self._skip(path, f"not readable: {error.strerror}")
                    continue
                folders += [(path, depth + 1, below, rules)] if below is not None else []
            if len(self.entries) > self._bounds.files:
                self._skip(folder, f"the repository has more than {self._bounds.files} files")
                break

    def _take(
        self, path: str, entry: os.DirEntry[str], depth: int, lost: bool, rules: tuple[IgnoreFile, ...]
    ) -> bool | None:
        """Take a file; of a folder that is to be listed, whether it is ignored."""
        if entry.is_dir(follow_symlinks=False):
            return None if entry.name in SKIPPED else self._take_folder(path, depth, lost, rules)
        if entry.name != ".git":
            self._take_file(path, entry, lost, rules)
        return None

    def _take_folder(self, path: str, depth: int, lost: bool, rules: tuple[IgnoreFile, ...]) -> bool | None:
        """Whether a folder is ignored, so that only what is tracked in it counts; None if it is not to be listed."""
        if self._tracked.get(path) == SUBMODULE:
            self.entries[path] = Entry(path, SUBMODULE)
            return None
        lost = lost or _ignored(rules, self._prefix + path, directory=True)
        if lost and f"{path}/" not in self._parents:
            return None
        if depth >= self._bounds.depth:
            self._skip(path, f"deeper than {self._bounds.depth} folders")
            return None
        return lost

    def _take_file(self, path: str, entry: os.DirEntry[str], lost: bool, rules: tuple[IgnoreFile, ...]) -> None:
        mode = self._tracked.get(path)
        if mode is None and (lost or _ignored(rules, self._prefix + path, directory=False)):
            return
        if entry.is_symlink():
            self._skip(path, "a symbolic link, which is not followed")
            self.entries[path] = Entry(path, LINK, mode is not None)
        elif entry.is_file(follow_symlinks=False):
            told = mode if mode in (REGULAR, EXECUTABLE) else _mode(entry)
            self.entries[path] = Entry(path, told, mode is not None)

    def _skip(self, path: str, message: str) -> None:
        self.skipped.append(Problem(Place(path or "."), message))


def _mode(entry: os.DirEntry[str]) -> int:
    try:
        return EXECUTABLE if entry.stat(follow_symlinks=False).st_mode & stat.S_IXUSR else REGULAR
    except OSError:
        return REGULAR


def _parents(path: str) -> list[str]:
    """Every folder above a path, with a slash behind it."""
    return [path[: at + 1] for at, sign in enumerate(path) if sign == "/"]


def _ignored(rules: tuple[IgnoreFile, ...], path: str, *, directory: bool) -> bool:
    for each in reversed(rules):
        line = each.decides(path.rstrip("/"), directory=directory)
        if line is not None:
            return not line.negated
    return False


def _outer_rules(checkout: Checkout | None, prefix: str) -> tuple[IgnoreFile, ...]:
    """What is said of the root's files from outside of it: in .git/info/exclude and in the folders above."""
    if checkout is None:
        return ()
    rules = _rules_of(os.path.join(checkout.common, "info", "exclude"), "")
    for folder in ["", *(each.rstrip("/") for each in _parents(prefix))][: prefix.count("/")]:
        rules += _rules_of(os.path.join(checkout.top, folder, ".gitignore"), folder)
    return rules


def _rules_of(file: str, folder: str) -> tuple[IgnoreFile, ...]:
    try:
        data = read_bounded(Path(file), _IGNORE_FILE_SIZE)
    except (OSError, ValueError):
        return ()
    text = (data or b"").decode("utf-8", "surrogateescape")
    return (parse_gitignore(text, file, folder),) if text.strip() else ()
