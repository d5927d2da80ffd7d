"""A breach is carried out as written, and undone to the last byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.breaches.small import a_breach, a_workspace
from tests.breaches.workspace import CannotEdit

from apparch.pages.breaches import Change

SAME = "snippets/same.txt"


def state(root: Path) -> dict[str, tuple[bytes, int, int]]:
    """Content, mode and time of every file outside .git."""
    files = [file for file in root.rglob("*") if file.is_file() and ".git" not in file.parts]
    return {
        str(file.relative_to(root)): (file.read_bytes(), file.stat().st_mode, file.stat().st_mtime_ns) for file in files
    }


@pytest.mark.parametrize(
    ("change", "path", "text"),
    [
        (Change(SAME, "a\n", "b\n", nth=1), SAME, "b\na\n"),
        (Change(SAME, "a\n", "b\n", nth=2), SAME, "a\nb\n"),
        (Change("snippets/numbers.txt", "2 ", ""), "snippets/numbers.txt", "1 3\n"),
        (Change("snippets/new/deep/a.sh", new="#!/bin/sh\n"), "snippets/new/deep/a.sh", "#!/bin/sh\n"),
        (Change(SAME, new="c\n"), SAME, "c\n"),
        (Change(SAME, gone=True), SAME, None),
        (Change(SAME, to="snippets/other/b.txt"), "snippets/other/b.txt", "a\na\n"),
    ],
    ids=["first", "second", "only", "made", "overwritten", "gone", "moved"],
)
def test_an_edit_is_made_and_undone(tmp_path: Path, change: Change, path: str, text: str | None) -> None:
    """Within the block the file says what it should; after it everything is as it was, times included."""
    workspace = a_workspace(tmp_path)
    before = state(workspace.root)
    with workspace.broken_by(a_breach("AAA001", change)):
        file = workspace.root / path
        assert (file.read_text("utf-8") if file.exists() else None) == text
        assert (workspace.root / change.path).exists() == (not change.gone and not change.to)
    assert state(workspace.root) == before
    assert not (workspace.root / "snippets/new").exists()


def test_an_edit_is_undone_after_an_error(tmp_path: Path) -> None:
    """Whatever happens within the block, and where a second edit does not fit, the first is taken back."""
    workspace = a_workspace(tmp_path)
    before = state(workspace.root)
    fits, does_not = Change(SAME, gone=True), Change("snippets/none", gone=True)
    with pytest.raises(CannotEdit), workspace.broken_by(a_breach("AAA001", fits, does_not)):
        pass
    with pytest.raises(OSError, match="x"), workspace.broken_by(a_breach("AAA001", fits)):
        raise OSError("x")
    assert state(workspace.root) == before


def test_an_edited_file_has_another_time(tmp_path: Path) -> None:
    """Bytecode of the file as it was cannot be taken for that of the edited one, whatever the second."""
    workspace = a_workspace(tmp_path)
    file = workspace.root / SAME
    before = int(file.stat().st_mtime)
    with workspace.broken_by(a_breach("AAA001", Change(SAME, "a\na", "b\nb"))):
        assert int(file.stat().st_mtime) != before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (Change(SAME, "a\n", "b\n"), "snippets/same.txt holds 'a\\n' 2 times; lengthen `old`, or say which with `nth`"),
        (Change(SAME, "a\n", "b\n", nth=3), "snippets/same.txt holds 'a\\n' 2 times, not 3; mend `nth`"),
        (Change(SAME, "z", "b"), "snippets/same.txt does not hold 'z'; bring `old` up to date"),
        (Change("snippets/none", "z", "b"), "snippets/none is not there; name a file that is"),
        (Change("snippets/none", gone=True), "snippets/none is not there; name a file that is"),
        (Change(SAME, to="snippets/numbers.txt"), "snippets/numbers.txt is there already; move to a free name"),
        (Change("snippets", new="a"), "snippets is a folder; name a file"),
    ],
)
def test_an_edit_that_does_not_fit_says_how_to_mend_it(tmp_path: Path, change: Change, message: str) -> None:
    """The file, what is wrong, and what to do."""
    workspace = a_workspace(tmp_path)
    with pytest.raises(CannotEdit) as raised, workspace.broken_by(a_breach("AAA001", change)):
        pass
    assert str(raised.value) == message


def test_a_copy_holds_what_git_would_take_in(tmp_path: Path) -> None:
    """Untracked files are copied, ignored ones and Git's own are not."""
    copy = a_workspace(tmp_path).root
    assert sorted(entry.name for entry in copy.iterdir()) == [".git", "pyproject.toml", "snippets", "tests"]
