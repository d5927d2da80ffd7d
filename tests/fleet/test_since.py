"""The day of a file's last change, against what git itself says."""

from __future__ import annotations

import datetime
import os
import subprocess
from pathlib import Path

import pytest

from apparch.fleet.since import since

FILE = ".copier-answers.yml"


def _git(folder: Path, *arguments: str, day: int = 1) -> str:
    when = f"2026-03-{day:02}T23:30:00+0900"
    environ = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "a"), ("EMAIL", "a@example"), ("DATE", when))},
    }  # fmt: skip
    done = subprocess.run(["git", *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _commit(folder: Path, file: str, day: int) -> None:
    (folder / file).write_text(f"_commit: v1.0.{day}\n")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "-m", f"{day}", day=day)


@pytest.fixture(name="history")
def _history(tmp_path: Path) -> Path:
    """The record changed on the 2nd, on a branch on the 4th, which is merged on the 5th; another file on the 6th."""
    folder = tmp_path / "orders"
    folder.mkdir()
    _git(folder, "init", "--quiet", "--initial-branch", "main")
    for day, file in ((1, FILE), (2, FILE), (3, "README.md")):
        _commit(folder, file, day)
    _git(folder, "checkout", "--quiet", "-b", "next")
    _commit(folder, FILE, 4)
    _git(folder, "checkout", "--quiet", "main")
    _git(folder, "merge", "--quiet", "--no-ff", "-m", "merged", "next", day=5)
    _commit(folder, "README.md", 6)
    return folder


def test_it_is_the_day_of_the_commit_that_changed_it(history: Path) -> None:
    """As its author's calendar had it, on the side of the merge where it came from; as git finds it."""
    expected = _git(history, "log", "-1", "--format=%cd", "--date=short", "--", FILE)
    found = since(history, FILE, (history / FILE).read_bytes())
    assert (found, expected) == (datetime.date(2026, 3, 4), "2026-03-04")


def test_a_shallow_checkout_does_not_tell(history: Path, tmp_path: Path) -> None:
    """Its oldest commit only looks like the one that added every file."""
    _git(tmp_path, "clone", "--quiet", "--depth", "1", history.as_uri(), "shallow")
    assert since(tmp_path / "shallow", FILE, (history / FILE).read_bytes()) is None


def test_what_nobody_has_committed_has_no_day(history: Path) -> None:
    """Neither an edit nor a file that git does not know."""
    assert [since(history, FILE, b"_commit: v9\n"), since(history, "new.yml", b"")] == [None, None]


def test_what_is_no_repository_does_not_tell(history: Path) -> None:
    """A plain folder, one below a checkout, and a checkout whose objects are gone."""
    content = (history / FILE).read_bytes()
    (history / "below").mkdir()
    found = [since(history / "below", FILE, content), since(history.parent, FILE, content)]
    for file in sorted((history / ".git/objects").rglob("*")):
        if file.is_file():
            file.chmod(0o600)
            file.write_bytes(b"not an object")
    assert [*found, since(history, FILE, content)] == [None, None, None]
