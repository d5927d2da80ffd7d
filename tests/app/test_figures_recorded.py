"""What a benchmark measured is recorded with when, on which commit and which kind of machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from benchmarks import _report

COLUMNS = {"ko": ["측정", "값"], "en": ["Measured", "Value"]}


def measured(folder: Path, **run: object) -> None:
    """A benchmark that ran so."""
    found = {"ended": "2026-11-27T18:00:00+00:00", "commit": "a" * 40, "changed": False, "quick": False, **run}
    content = {"report": {"columns": COLUMNS, "rows": [["x", 1]]}, "run": found | {"machine": {"cores": 2}}, "raw": [1]}
    (folder / "image.json").write_text(json.dumps(content), "utf-8")


def test_a_record_tells_its_run_and_its_table(tmp_path: Path) -> None:
    """The record holds the table and its run, and none of the raw readings."""
    measured(tmp_path)
    recorded = yaml.safe_load(_report.record("image", tmp_path, tmp_path / "figures").read_text("utf-8"))

    assert {
        "run": {"ended": "2026-11-27T18:00:00+00:00", "commit": "a" * 40, "machine": {"cores": 2}},
        "report": {"columns": COLUMNS, "rows": [["x", 1]]},
    } == recorded


@pytest.mark.parametrize("run", [{"changed": True}, {"commit": ""}])
def test_figures_of_files_that_no_commit_holds_are_refused(tmp_path: Path, run: dict[str, object]) -> None:
    """What cannot be measured again on the same files is not recorded."""
    measured(tmp_path, **run)

    with pytest.raises(ValueError, match=r"^image: it measured files that no commit holds; commit them"):
        _report.record("image", tmp_path, tmp_path / "figures")


def test_nothing_measured_is_nothing_recorded(tmp_path: Path) -> None:
    """A benchmark that has not run is named, with what to do."""
    with pytest.raises(ValueError, match=r"^image: nothing is measured yet; run \./dev bench image first$"):
        _report.record("image", tmp_path, tmp_path / "figures")


def test_the_machine_is_told_by_its_kind() -> None:
    """No name and no path of the machine is recorded."""
    assert ["system", "cores", "python", "load"] == list(_report.machine())
