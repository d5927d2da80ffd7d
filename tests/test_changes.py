"""Which lines a change touches."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from apparch.changes import ChangesError, changed_lines, lines_of_diff


def _git(folder: Path, *arguments: str) -> str:
    names = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    _git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "kept.py").write_text("a\n" * 50)
    (tmp_path / "한 글.py").write_text("1\n2\n3\n")
    (tmp_path / "gone.py").write_text("x\n")
    _git(tmp_path, "add", "-A")
    _git(tmp_path, "commit", "-qm", "first")
    _git(tmp_path, "checkout", "-qb", "topic")
    (tmp_path / "한 글.py").write_text("1\nTWO\n3\n4\n")
    (tmp_path / "kept.py").write_text("a\n" * 20 + "b\n" + "a\n" * 30)
    (tmp_path / "gone.py").unlink()
    (tmp_path / "new.py").write_text("++x\n")
    return tmp_path


EXPECTED = {"한 글.py": frozenset({2, 4}), "kept.py": frozenset({21}), "new.py": frozenset({1})}


def test_a_diff_of_git_is_read(folder: Path) -> None:
    """Quoted names, new and deleted files, added lines that look like headers."""
    _git(folder, "add", "-A")
    assert lines_of_diff(_git(folder, "diff", "--cached", "main")) == EXPECTED


def test_a_diff_with_backslashes_is_read() -> None:
    """Tools of Windows write them, and git quotes the names that really have one."""
    other = "--- a\\src\\app.py\n+++ b\\src\\app.py\n@@ -1 +1 @@\n-a\n+b\n"
    git = '--- "a/src\\\\app.py"\n+++ "b/src\\\\app.py"\n@@ -1 +1 @@\n-a\n+b\n'
    assert lines_of_diff(other) == {"src/app.py": frozenset({1})}
    assert lines_of_diff(git) == {"src\\app.py": frozenset({1})}


def test_a_diff_without_context_is_read(folder: Path) -> None:
    """As `git diff -U0` writes it."""
    _git(folder, "add", "-A")
    assert lines_of_diff(_git(folder, "diff", "-U0", "--cached", "main")) == EXPECTED


def test_a_revision_is_compared_with_the_files(folder: Path) -> None:
    """Committed, staged and unstaged changes count alike, packed objects too."""
    _git(folder, "gc", "-q")
    assert changed_lines("main", folder) == EXPECTED


def test_only_what_this_branch_changed_counts(folder: Path) -> None:
    """What the base gained meanwhile is no change of this branch."""
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "mine")
    _git(folder, "checkout", "-q", "main")
    (folder / "theirs.py").write_text("y\n")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "theirs")
    _git(folder, "checkout", "-q", "topic")
    assert changed_lines("main", folder) == EXPECTED


def test_what_is_neither_is_said(folder: Path) -> None:
    """The message tells how to make a diff."""
    with pytest.raises(ChangesError, match=r"nowhere is neither a file nor a revision of .*; .*git diff BASE"):
        changed_lines("nowhere", folder)


def test_a_file_that_is_no_diff_is_refused() -> None:
    """It does not count as one that touches nothing."""
    with pytest.raises(ChangesError, match="it holds no unified diff; make one with git diff BASE"):
        lines_of_diff("hello\n")


def test_an_empty_diff_touches_nothing() -> None:
    """No change is no fault."""
    assert lines_of_diff("") == {}
