"""A long benchmark that was broken off: what it goes on with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from benchmarks._kept import Kept


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of one file."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.py").write_text("A = 1\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def test_the_next_run_has_what_the_last_one_found(root: Path, tmp_path: Path) -> None:
    """A part is kept at once, so that nothing but the one at work is lost."""
    Kept("long", tmp_path, root).add("part", [1, 2])

    assert {"part": [1, 2]} == Kept("long", tmp_path, root).parts


def test_what_other_files_gave_is_forgotten(root: Path, tmp_path: Path) -> None:
    """A figure speaks of the files that it stands beside."""
    Kept("long", tmp_path, root).add("part", 1)
    (root / "a.py").write_text("A = 2\n")

    assert {} == Kept("long", tmp_path, root).parts
