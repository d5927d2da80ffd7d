"""Fifty repositories in one run: the whole table, and who is concerned by a version and by a rule."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

import pytest
from tests.fleet.fifty import COUNTS, EXPECTED, make_fleet, name_of

from apparch.contract import compare
from apparch.fleet.affected import affected
from apparch.fleet.inventory import read_inventory
from apparch.fleet.judge import Measure
from apparch.fleet.model import Fleet
from apparch.fleet.run import run
from apparch.fleet.words import cells, totals
from apparch.repository import Repository
from apparch.template.versions import read_versions

pytestmark = pytest.mark.xdist_group("fifty repositories")
TODAY = datetime.date(2026, 11, 27)


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fifty")


@pytest.fixture(name="fleet", scope="module")
def _fleet(folder: Path) -> Fleet:
    entries = read_inventory(make_fleet(folder))
    return run(entries, Measure(read_versions(folder / "template"), TODAY))


def test_every_row_says_what_its_repository_is(fleet: Fleet, folder: Path) -> None:
    """Kind, version, how far behind, findings, waivers and contract, one row each and none lost."""
    repos = folder / "repos"
    breaks = len(compare(Repository(repos / "breaks-1"), Repository(repos / "breaks-1-deploy")).findings)
    expected = {
        name_of(state, at): tuple(
            cell.format(folder=repos / name_of(state, at), breaks=breaks) for cell in EXPECTED[state]
        )
        for state, count in COUNTS.items()
        for at in range(1, count + 1)
    }
    assert {row.name: cells(row, "en")[1:-1] for row in fleet.rows} == expected
    assert (len(fleet.rows), breaks > 0) == (50, True)


def test_the_rows_stand_in_the_order_of_their_names(fleet: Fleet) -> None:
    """Whatever the order of the list; the second before the tenth."""
    names = [row.name for row in fleet.rows]
    assert (names[:2], names[5:7], names[14], names[-1]) == (
        ["ahead-1", "ahead-2"],
        ["behind-1", "behind-2"],
        "behind-10",
        "waiver-over-2",
    )


def test_the_totals_count_the_rows(fleet: Fleet) -> None:
    """Each of them once a repository."""
    assert totals(fleet, "en") == (
        "50 repos",
        "15 with nothing to do",
        "9 with findings",
        "16 behind the template",
        "16 must follow a change",
        "8 with a broken contract",
        "2 cannot be read",
    )


@pytest.mark.parametrize(
    ("by", "must", "may", "waived", "unknown"),
    [
        ("2.0.0", {"behind": 10, "far-behind": 3, "old-deploy": 3}, {}, {"declines": 1}, 7),
        ("v1.1.0", {"old-deploy": 3}, {"far-behind": 3}, {"declines": 1}, 7),
        ("IMG015", {"behind": 10, "far-behind": 3, "finding": 4, "waiver-over": 2}, {}, {"waived": 3}, 2),
        ("IMG017", {}, {"far-behind": 3}, {"declines": 1}, 2),
        ("ENV011", {"breaks": 4, "breaks-deploy": 4}, {}, {}, 2),
    ],
)
def test_a_change_concerns_those_that_lack_or_break_it(
    fleet: Fleet, by: str, must: dict[str, int], may: dict[str, int], waived: dict[str, int], unknown: int
) -> None:
    """Those that must, those that may, those that are excused; what cannot be told is told apart."""
    told: dict[str, Counter[str]] = {concern: Counter() for concern in ("must", "may", "waived", "unknown")}
    states = {name_of(state, at): state for state, count in COUNTS.items() for at in range(1, count + 1)}
    for each in affected(fleet, by):
        concerns = {reason.concern for reason in each.reasons}
        told[next(concern for concern in told if concern in concerns)][states[each.name]] += 1
    assert (told["must"], told["may"], told["waived"], told["unknown"].total()) == (must, may, waived, unknown)
