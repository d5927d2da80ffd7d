"""What a proof record says, and what it never claims."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from apparch.pages.proofs import BlockProof, BreachProof, Proofs, RuleProof, Run, merge, write

BLOCK = BlockProof("a.md", "ko", "python-file", "d1", "snippets/a.py:1-2", "ruff", "passed")
TEST = RuleProof("tests/test_a.py::test_a", "run", "passed")
NOTICED = BreachProof("IMG002-again", "IMG002", "tests/test_a.py::test_a", "passed")
RECORD = Proofs((BLOCK,), {"IMG002": (TEST,)}, recorded=True, breaches=(NOTICED,))


def outcomes(*ended: str) -> Proofs:
    """A record of tests of one rule that ended so."""
    return Proofs((), {"IMG002": tuple(RuleProof(f"t{n}", "run", end) for n, end in enumerate(ended))}, recorded=True)


def blocks(*ended: str) -> Proofs:
    """A record of judgements of one block's text that ended so."""
    return Proofs(tuple(BlockProof("a.md", "ko", "python", "d1", "", "ruff", end) for end in ended), recorded=True)


@pytest.mark.parametrize(
    ("ended", "proved"),
    [
        ((), False),
        (("passed",), True),
        (("passed", "passed"), True),
        (("passed", "skipped"), True),
        (("skipped",), False),
        (("failed",), False),
        (("passed", "failed"), False),
    ],
)
def test_a_rule_is_proved_by_what_passed(ended: tuple[str, ...], proved: bool) -> None:
    """A rule is proved if a test of it passed and none failed."""
    assert proved is outcomes(*ended).proves("IMG002")


def test_a_rule_without_tests_is_not_proved() -> None:
    """A rule that the record does not name is not proved."""
    assert False is RECORD.proves("IMG001")


@pytest.mark.parametrize(
    ("ended", "judge"),
    [((), None), (("passed",), "ruff"), (("failed",), None), (("skipped",), None), (("passed", "failed"), None)],
)
def test_a_block_is_judged_where_every_judgement_passed(ended: tuple[str, ...], judge: str | None) -> None:
    """A block shown on several pages is proved if it passed on each of them."""
    assert judge == blocks(*ended).judge_of("d1")


def test_a_missing_record_claims_nothing(tmp_path: Path) -> None:
    """Without a record nothing was recorded, and nothing is proved."""
    record = Proofs.read(tmp_path / "none.json")

    assert (Proofs(), False) == (record, record.recorded)


def test_a_record_reads_as_it_was_written(tmp_path: Path) -> None:
    """What is written is what is read, in folders that did not exist."""
    write(RECORD, tmp_path / "build/proofs.json")

    assert RECORD == Proofs.read(tmp_path / "build/proofs.json")


def test_a_record_says_when_it_was_made_and_of_what(tmp_path: Path) -> None:
    """The runs of all parts are kept, the earliest first, through the file."""
    first, second = Run("2026-11-27T08:00:00+00:00", "a" * 40, False), Run("2026-11-27T09:00:00+00:00", "", True)
    write(merge([Proofs(runs=(second,)), Proofs(runs=(first,)), RECORD]), tmp_path / "proofs.json")

    assert (first, second) == Proofs.read(tmp_path / "proofs.json").runs


def test_the_form_of_a_record(tmp_path: Path) -> None:
    """A record has blocks and rules with the keys that others read."""
    write(RECORD, tmp_path / "proofs.json")

    assert {
        "blocks": [
            {
                "page": "a.md",
                "language": "ko",
                "kind": "python-file",
                "digest": "d1",
                "origin": "snippets/a.py:1-2",
                "judge": "ruff",
                "outcome": "passed",
            }
        ],
        "rules": {"IMG002": [{"test": "tests/test_a.py::test_a", "kind": "run", "outcome": "passed"}]},
        "breaches": [
            {
                "breach": "IMG002-again",
                "rule": "IMG002",
                "test": "tests/test_a.py::test_a",
                "outcome": "passed",
            }
        ],
    } == json.loads((tmp_path / "proofs.json").read_text("utf-8"))


def test_equal_runs_give_equal_files(tmp_path: Path) -> None:
    """The order in which tests ran leaves no trace."""
    other = BlockProof("b.md", "en", "json", "d2", "", "json", "passed")
    tests = (TEST, RuleProof("tests/test_b.py::test_b", "run", "passed"))
    write(Proofs((BLOCK, other), {"A": tests, "B": tests}, recorded=True), tmp_path / "one.json")
    write(Proofs((other, BLOCK), {"B": tests[::-1], "A": tests[::-1]}, recorded=True), tmp_path / "two.json")

    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_parts_of_a_run_are_merged() -> None:
    """A rule proved in one part and failed in another is not proved."""
    merged = merge([outcomes("passed"), outcomes("failed"), blocks("passed")])

    assert False is merged.proves("IMG002")
    assert "ruff" == merged.judge_of("d1")


def test_a_breach_is_noticed_where_every_try_noticed_it() -> None:
    """One that was missed once counts as missed, one that was not carried out as nothing."""
    merged = merge([RECORD, Proofs(breaches=(replace(NOTICED, outcome="failed"),))])

    assert ("passed", "failed", None) == (
        RECORD.outcome_of("IMG002-again"),
        merged.outcome_of("IMG002-again"),
        merged.outcome_of("IMG002-other"),
    )
