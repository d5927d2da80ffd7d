"""What a record says of the files that were judged."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

from apparch.pages.proved.run_of_now import run_of_now

WHO = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")


def git(root: Path, *words: str) -> str:
    """What git answers in a folder."""
    return subprocess.run(["git", *WHO, *words], cwd=root, capture_output=True, text=True, check=True).stdout.strip()


def test_a_run_names_the_commit_and_whether_files_differ(tmp_path: Path) -> None:
    """The same commit is named before and after a file changes, and only then said to differ."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "--quiet", "--message", "One")
    clean = run_of_now(tmp_path)
    (tmp_path / "a").write_text("2")
    changed = run_of_now(tmp_path)

    head = git(tmp_path, "rev-parse", "HEAD")
    assert [(head, False), (head, True)] == [(run.commit, run.changed) for run in (clean, changed)]


def test_a_run_outside_git_names_no_commit(tmp_path: Path) -> None:
    """A folder from an archive has none, and the time is told in UTC all the same."""
    run = run_of_now(tmp_path)

    assert ("", False) == (run.commit, run.changed)
    assert datetime.timedelta(0) == datetime.datetime.fromisoformat(run.ended).utcoffset()
