"""When a breach counts as noticed, and when nothing was judged at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.breaches import asking
from tests.breaches.asking import Proofs
from tests.breaches.judge import Judge
from tests.breaches.searching import candidates, marks_of, search
from tests.breaches.small import a_breach, a_workspace

from apparch.pages.breaches import Breach, Change

NUMBERS = "snippets/numbers.txt"
NINE_FIRST = Change(NUMBERS, "1 2 3", "9 2 3")
FOUR = Change(NUMBERS, "3\n", "3 4\n")

pytestmark = pytest.mark.xdist_group("the runner itself")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Judge, Proofs]]:
    """A judge in the small project."""
    workspace = a_workspace(tmp_path_factory.mktemp("small"))
    with Proofs(workspace.root) as proofs:
        yield Judge(workspace, proofs), proofs


CASES: dict[str, tuple[Breach, str]] = {
    "a proof that looks": (a_breach("AAA001", NINE_FIRST, proof="test_the_first_is_one"), "noticed"),
    "a proof that cannot fail": (a_breach("AAA001", NINE_FIRST, proof="test_there_is_a_file"), "green"),
    "a proof of another rule": (a_breach("AAA001", FOUR, proof="test_there_are_three"), "broken"),
    "red without the breach": (a_breach("AAA002", FOUR, proof="test_is_red_anyway"), "not tested"),
    "a missing tool": (a_breach("AAA003", FOUR, proof="test_is_skipped"), "not tested"),
    "no such test": (a_breach("AAA001", FOUR, proof="test_nowhere"), "not tested"),
    "a fixture that uses the product": (
        a_breach("AAA004", Change(NUMBERS, "3\n", "300\n"), proof="test_needs_small_numbers"),
        "noticed",
    ),
    "a fixture that cannot import": (
        a_breach("AAA005", Change(NUMBERS, "3\n", "0\n"), proof="test_needs_a_library"),
        "broken",
    ),
    "a test file that cannot be collected": (
        a_breach("AAA001", Change(NUMBERS, gone=True), proof="test_there_is_a_file"),
        "broken",
    ),
    "a file that cannot be read": (
        a_breach("AAA001", NINE_FIRST, Change("snippets/settings.yaml", "1", "[1"), proof="test_the_first_is_one"),
        "broken",
    ),
    "code that cannot be compiled": (
        a_breach(
            "AAA001", NINE_FIRST, Change("snippets/app/src/app/numbers.py", "1", "("), proof="test_the_first_is_one"
        ),
        "broken",
    ),
    "an app that cannot be imported": (
        a_breach(
            "AAA001", NINE_FIRST, Change("snippets/app/src/app/numbers.py", gone=True), proof="test_the_first_is_one"
        ),
        "broken",
    ),
    "an edit that does not fit": (
        a_breach("AAA001", Change(NUMBERS, "7", "8"), proof="test_the_first_is_one"),
        "broken",
    ),
    "places that are named": (
        a_breach("AAA001", NINE_FIRST, proof="test_the_first_is_one", places=("app numbers.txt | 9", "deploy b | 1")),
        "noticed",
    ),
    "places that are not named": (
        a_breach("AAA001", NINE_FIRST, proof="test_the_first_is_one", places=("app numbers.txt | 9", "deploy c | 1")),
        "green",
    ),
    "alone": (
        a_breach("AAA006", Change(NUMBERS, "3", "33"), proof="test_each_is_small[2]", places=("app numbers.txt | 33",)),
        "noticed",
    ),
    "not alone": (
        a_breach(
            "AAA006", Change(NUMBERS, "2 3", "22 33"), proof="test_each_is_small[2]", places=("app numbers.txt | 33",)
        ),
        "green",
    ),
}


@pytest.mark.parametrize(("breach", "outcome"), CASES.values(), ids=CASES.keys())
def test_a_verdict_is_what_happened(small: tuple[Judge, Proofs], breach: Breach, outcome: str) -> None:
    """Only a proof of the rule that was green and turned red has noticed anything."""
    verdict = small[0].noticed(breach)
    assert verdict.outcome == outcome, verdict


def test_the_message_is_kept(small: tuple[Judge, Proofs]) -> None:
    """What the failing test says is there to be read."""
    verdict = small[0].noticed(a_breach("AAA001", NINE_FIRST, proof="test_the_first_is_one"))
    assert verdict.test == "tests/test_numbers.py::test_the_first_is_one"
    assert verdict.message.startswith("AssertionError: wrong\n    app numbers.txt | 9 <> deploy b | 1")


def test_a_breach_leaves_nothing_to_the_next(small: tuple[Judge, Proofs]) -> None:
    """Edits of equal length within one second are each judged as they are."""
    breaches = [a_breach("AAA001", Change(NUMBERS, "1 2", f"{n} 2"), proof="test_the_first_is_one") for n in (8, 9)]
    seen = [small[0].noticed(breach).message.split(" <>")[0][-1] for breach in breaches]
    assert seen == ["8", "9"]
    assert (
        small[0].try_on(a_breach("AAA001", FOUR), ["tests/test_numbers.py::test_the_first_is_one"]).outcome == "green"
    )


def test_a_run_without_an_end_is_broken(small: tuple[Judge, Proofs], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up, and its processes with it."""
    monkeypatch.setattr(asking, "LIMIT", 2.0)
    verdict = small[0].noticed(a_breach("AAA007", NINE_FIRST, proof="test_ends_soon"))
    assert (verdict.outcome, verdict.message) == ("broken", "no end within 2.0 s")


def test_the_first_proof_that_turns_red_is_found(small: tuple[Judge, Proofs]) -> None:
    """Of all proofs of the rule, the one that looks."""
    judge, proofs = small
    breach = a_breach("AAA001", NINE_FIRST)
    found = search(breach, candidates(breach, marks_of(proofs, ("tests",))), judge)
    assert found.verdict.test == "tests/test_numbers.py::test_the_first_is_one"


def test_a_blind_rule_is_reported_with_what_ran(small: tuple[Judge, Proofs]) -> None:
    """Every proof of the rule was tried, and none turned red."""
    judge, proofs = small
    breach = a_breach("BBB001", NINE_FIRST)
    found = search(breach, candidates(breach, marks_of(proofs, ("tests",))), judge)
    assert (found.verdict.outcome, found.tried) == ("green", (("tests/test_numbers.py", 1, "green"),))


def test_what_is_allowed_must_stay_green(small: tuple[Judge, Proofs]) -> None:
    """A proof that forbids it is over-strict."""
    tests = ["tests/test_numbers.py::test_the_first_is_one", "tests/test_numbers.py::test_there_is_a_file"]
    allowed = [a_breach("AAA001", change, kind="allowed") for change in (FOUR, NINE_FIRST)]
    assert [small[0].lets_pass(breach, tests).outcome for breach in allowed] == ["green", "noticed"]
