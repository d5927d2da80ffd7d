"""Every operation of the table ends as its page promises, in its steps, with no more requests lost than it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.cluster.nodes.images import APP
from tests.kube import DEPLOY
from tests.operations.stage import Stage, Unmet
from tests.operations.table import Row, broken, play, rows


@pytest.mark.parametrize("row", [row for row in rows() if not row.slow], ids=lambda row: row.name)
def test_an_operation_ends_as_its_page_promises(row: Row, stage: Stage) -> None:
    """The commands of the page, played by an operator who knows only the page."""
    assert play(row, stage).name == row.name


@pytest.mark.parametrize("row", [row for row in rows() if row.worst and not row.slow], ids=lambda row: row.name)
def test_what_edition_3_0_0_had_there_does_harm(row: Row, stage: Stage) -> None:
    """With what that edition's scripts, manifests or runbook had in the place, the operation does not end so."""
    with broken(row, stage), pytest.raises(Unmet):
        play(row, stage)


def test_every_operation_has_an_edit_that_breaks_it_and_fits(tmp_path: Path) -> None:
    """The benchmark plays each with its edit in the place; one that fits no longer would show nothing."""
    for row in rows():
        for each in row.breach:
            original, copy = (APP if each.version else DEPLOY) / each.file, tmp_path / row.name / each.file
            if original.exists() and not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(original, copy)
            each.carry_out(tmp_path / row.name)
    assert [row.name for row in rows() if not row.breach] == []
