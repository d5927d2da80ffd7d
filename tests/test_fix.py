"""Repairs that are made in the files of a repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.report.reports import finding

from apparch.finding import Edit
from apparch.fix import fix


def _fixed(folder: Path, *edits: Edit) -> list[str]:
    return list(fix(folder, [finding(repair=edits)]))


def test_text_that_stands_once_is_replaced_and_the_mode_stays(tmp_path: Path) -> None:
    """The rest of the file is as it was."""
    file = tmp_path / "a.sh"
    file.write_bytes(b"one\r\ntwo\r\n")
    file.chmod(0o755)
    assert _fixed(tmp_path, Edit("a.sh", "two", "2")) == ["a.sh: changed"]
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"one\r\n2\r\n", 0o755)


@pytest.mark.parametrize("text", ["none", "two two"])
def test_text_that_does_not_stand_once_is_left_alone(tmp_path: Path, text: str) -> None:
    """It is said, and nothing is written."""
    (tmp_path / "a").write_text(text)
    assert _fixed(tmp_path, Edit("a", "two", "2")) == ["a: not changed, its text is no longer what was judged"]
    assert (tmp_path / "a").read_text() == text


def test_a_file_is_made(tmp_path: Path) -> None:
    """With its folders."""
    assert _fixed(tmp_path, Edit("a/b", None, "new\n")) == ["a/b: made"]
    assert (tmp_path / "a/b").read_text() == "new\n"


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    """An edit that makes a file does not fit one that is there."""
    (tmp_path / "a").write_text("old")
    assert _fixed(tmp_path, Edit("a", None, "new")) == ["a: not changed, its text is no longer what was judged"]


def test_a_file_is_moved_unless_its_place_is_taken(tmp_path: Path) -> None:
    """The second has to stay."""
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/.dockerignore").write_text("*")
    (tmp_path / "other").write_text("x")
    told = _fixed(
        tmp_path, Edit("docker/.dockerignore", moves_to=".dockerignore"), Edit("other", moves_to=".dockerignore")
    )
    assert told == ["docker/.dockerignore: moved to .dockerignore", "other: not moved, .dockerignore is there"]


@pytest.mark.parametrize("path", ["../a", "/etc/a", "link/a", "file"])
def test_nothing_outside_is_touched(tmp_path: Path, path: str) -> None:
    """No way up, no absolute path, no link."""
    outside = tmp_path / "outside"
    outside.mkdir()
    inside = tmp_path / "inside"
    inside.mkdir()
    (outside / "a").write_text("old")
    (inside / "link").symlink_to(outside)
    (inside / "file").symlink_to(outside / "a")
    told = _fixed(inside, Edit(path, "old", "new"))
    assert ([" not changed, " in line for line in told], (outside / "a").read_text()) == ([True], "old")
