"""A copy of the project in which a breach is carried out, and undone to the last byte."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apparch.pages.breaches import Breach, Change
from apparch.pages.proved.tree_digest import project_files

GIT = {
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}

CONFIRMED = "docs/translations.yaml"
"""Where confirming a translation writes."""


class CannotEdit(Exception):
    """A breach's edit does not fit the files; the message says where and how to mend it."""


@dataclass(frozen=True)
class Workspace:
    """A copy of the project, a Git repository of its own."""

    root: Path

    @contextmanager
    def broken_by(self, breach: Breach) -> Iterator[None]:
        """Carry the breach's edits out, and undo them at the end whatever happened.

        Raises:
            CannotEdit: an edit does not fit; nothing is changed then.
        """
        kept = _Kept(self.root)
        kept.keep(CONFIRMED)
        try:
            for change in breach.changes:
                kept.keep(change.path)
                if change.to:
                    kept.keep(change.to)
                carry_out(change, self.root)
            kept.mark()
            yield
        finally:
            kept.restore()


def make_workspace(project: Path, to: Path) -> Workspace:
    """Copy every file that Git knows or would take in, with its time, and commit them there."""
    for name in project_files(project):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(project / name, to / name, follow_symlinks=False)
    git(to, "init", "--quiet", "--initial-branch=main")
    git(to, "add", "--all")
    git(to, "commit", "--quiet", "--message", "As it stands")
    return Workspace(to)


def carry_out(change: Change, root: Path) -> None:
    """Make one edit below a root; raises CannotEdit where it does not fit."""
    file = root / change.path
    if change.old is not None:
        text = edited(change, file)
        with file.open("w", encoding="utf-8", newline="") as out:
            out.write(text)
    elif change.new is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(change.new, encoding="utf-8")
        if change.new.startswith("#!"):
            file.chmod(0o755)
    elif not file.is_file():
        raise CannotEdit(f"{change.path} is not there; name a file that is")
    elif change.to:
        target = root / change.to
        if target.exists():
            raise CannotEdit(f"{change.to} is there already; move to a free name")
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
    else:
        file.unlink()


def edited(change: Change, file: Path) -> str:
    """A file's text with one occurrence replaced."""
    if not file.is_file():
        raise CannotEdit(f"{change.path} is not there; name a file that is")
    with file.open(encoding="utf-8", newline="") as opened:
        text = opened.read()
    old, new = change.old or "", change.new or ""
    count = text.count(old)
    if not count:
        raise CannotEdit(f"{change.path} does not hold {old!r}; bring `old` up to date")
    if change.nth is None and count > 1:
        raise CannotEdit(f"{change.path} holds {old!r} {count} times; lengthen `old`, or say which with `nth`")
    if change.nth and change.nth > count:
        raise CannotEdit(f"{change.path} holds {old!r} {count} times, not {change.nth}; mend `nth`")
    parts = text.split(old)
    at = change.nth or 1
    return old.join(parts[:at]) + new + old.join(parts[at:])


class _Kept:
    """Files as they were, so that they can be put back: content, mode, time, or that there was none."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[Path, tuple[bytes, os.stat_result] | None] = {}
        self._folders: list[Path] = []

    def keep(self, name: str) -> None:
        file = self._root / name
        if file in self._files:
            return
        if file.is_dir():
            raise CannotEdit(f"{name} is a folder; name a file")
        self._files[file] = (file.read_bytes(), file.stat()) if file.is_file() else None
        self._folders += [folder for folder in file.parents if not folder.exists()]

    def mark(self) -> None:
        """Give what was edited another time: bytecode is told to be stale by whole seconds and the size alone."""
        for file, kept in self._files.items():
            if kept and file.is_file():
                os.utime(file, ns=(kept[1].st_atime_ns, kept[1].st_mtime_ns + 10_000_000_000))

    def restore(self) -> None:
        for file, kept in self._files.items():
            file.unlink(missing_ok=True)
            if kept:
                content, stat = kept
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
                file.chmod(stat.st_mode & 0o7777)
                os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        for folder in sorted(set(self._folders), key=lambda folder: -len(folder.parts)):
            shutil.rmtree(folder, ignore_errors=True)


def git(directory: Path, *arguments: str) -> str:
    """Run Git without the settings of this machine; its output."""
    command: Sequence[str] = ["git", *arguments]
    done = subprocess.run(
        command, cwd=directory, env={**os.environ, **GIT}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"git {' '.join(arguments)} in {directory}: {done.stderr.strip()}")
    return done.stdout
