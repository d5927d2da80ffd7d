"""The processes of a run: the same rows from any number of them, and one that ends costs one row."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from tests.fleet.ending import end_or_tell
from tests.fleet.fifty import VERSIONS, make_fleet

from apparch.fleet.inventory import read_inventory
from apparch.fleet.judge import Measure
from apparch.fleet.model import Entry, Row
from apparch.fleet.run import _results, run
from apparch.template.versions import read_versions


@pytest.fixture(name="by")
def _by(tmp_path: Path) -> Measure:
    (tmp_path / "versions.yaml").write_text(VERSIONS, "utf-8")
    return Measure(read_versions(tmp_path), datetime.date(2026, 11, 27))


def test_two_processes_tell_what_one_tells(tmp_path: Path, by: Measure) -> None:
    """In the same order, with as many tasks told on the way."""
    entries = read_inventory(make_fleet(tmp_path / "few", {"breaks": 1, "breaks-deploy": 1, "empty": 1}))
    progress: list[tuple[int, int, str]] = []
    one = run(entries, by)
    two = run(entries, by, jobs=2, progress=lambda *told: progress.append(told))
    assert (two.rows, [each[0] for each in progress], progress[-1]) == (one.rows, [1, 2, 3, 4, 4], (4, 4, ""))
    assert [each.state for row in two.rows for each in row.contracts] == ["breaks", "breaks"]


def test_a_process_that_ends_costs_the_row_of_its_repository(by: Measure) -> None:
    """All others are told, each once and in order."""
    entries = [Entry(name, None, name) for name in "ab"]
    rows = [each for each in _results(entries, by, 2, end_or_tell) if isinstance(each, Row)]
    assert [(each.name, each.unread and each.unread.en) for each in rows] == [
        ("a", None),
        ("b", "the tool failed: its process was ended, perhaps for want of memory"),
    ]


def test_only_a_part_of_the_list_is_judged_with_its_partners(tmp_path: Path, by: Measure) -> None:
    """A partner is read for the contract and gets no row."""
    entries = read_inventory(make_fleet(tmp_path / "few", {"breaks": 2, "breaks-deploy": 2}))
    fleet = run(entries[:1], by, partners=entries)
    assert [(row.name, [each.partner for each in row.contracts]) for row in fleet.rows] == [
        ("breaks-1", ["breaks-1-deploy"])
    ]
