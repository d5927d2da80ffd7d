"""What the comparison finds in edits of the reference trees, each of which rebuilds a fault that others reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.contract.memory import Pair

CASES = Path(__file__).parent / "cases"
GIVEN: dict[str, list[dict[str, Any]]] = yaml.safe_load((CASES / "given.yaml").read_text("utf-8"))
REPORTS: list[dict[str, Any]] = yaml.safe_load((CASES / "reports.yaml").read_text("utf-8"))


def found(pair: Pair) -> list[dict[str, Any]]:
    """Every finding, with the text of the lines that it names."""
    return [pair.shown(each) for each in pair.comparison.findings]


def test_the_reference_trees_agree_in_memory_too() -> None:
    """What a case finds is of its edit alone."""
    assert found(Pair.reference()) == []


def test_there_are_enough_cases() -> None:
    """Given ones and own ones, each own one with the public report that it rebuilds."""
    assert sorted(path.stem for path in (CASES / "given").glob("*.diff")) == sorted(GIVEN)
    assert (len(GIVEN), len(REPORTS)) == (25, 49)
    assert all(case["source"] for case in REPORTS)


@pytest.mark.parametrize("name", GIVEN)
def test_an_edit_is_found_where_it_is_and_nothing_else_is(name: str) -> None:
    """The first line of the diff says what is wrong, or that nothing is."""
    pair = Pair.reference()
    pair.patch((CASES / "given" / f"{name}.diff").read_text("utf-8"))
    assert found(pair) == GIVEN[name]


@pytest.mark.parametrize("case", REPORTS, ids=[case["name"].replace(" ", "-") for case in REPORTS])
def test_a_reported_fault_is_found_and_its_repair_is_not(case: dict[str, Any]) -> None:
    """A case without findings is the repaired form of one, or looks like a fault and is none."""
    pair = Pair.reference()
    for edit in case["changes"]:
        pair.change(edit)
    assert found(pair) == case["found"]


def test_no_message_names_a_place_that_is_not_there() -> None:
    """Neither in a case nor where both repositories are nearly empty."""
    for app, deploy in (({}, {}), ({"README.md": "x\n"}, {"README.md": "x\n"}), ({"pyproject.toml": "["}, {})):
        pair = Pair(app, deploy)
        for finding in pair.comparison.findings:
            for side in finding.sides:
                files = pair.app if side.repository == "app" else pair.deploy
                assert side.place.path == "." or side.place.path in files
