"""What a build says of a rule's proof: never more than the run showed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.small import a_page, a_rule, a_site

from apparch.catalogue import Language, Review, Rule, Text
from apparch.pages.drawn.status import badge, status
from apparch.pages.proofs import Proofs, RuleProof, Run
from apparch.pages.written.site import Site

WHY = Text("가", "a")
CHECKED = a_rule(proof="check")
PLAIN = a_rule()
REVIEWED = a_rule(proof="review", review=Review(WHY, WHY))


def site(*outcomes: str, owed: bool = False, kind: str = "run") -> Site:
    """A site whose run ended the rule's tests so."""
    return ran(*((kind, outcome) for outcome in outcomes), owed=owed)


def ran(*tests_of_rule: tuple[str, str], owed: bool = False) -> Site:
    """A site whose run saw these kinds of tests end so."""
    tests = tuple(RuleProof(f"t{n}", kind, outcome) for n, (kind, outcome) in enumerate(tests_of_rule))
    return a_site(
        Path(),
        a_page(""),
        ledger={"IMG002": WHY} if owed else {},
        proofs=Proofs((), {"IMG002": tests} if tests else {}, recorded=bool(tests)),
    )


@pytest.mark.parametrize(
    ("outcomes", "owed", "expected"),
    [
        ((), False, "unverified"),
        ((), True, "not-yet"),
        (("passed",), False, "proved"),
        (("passed", "skipped"), False, "proved"),
        (("skipped",), False, "unverified"),
        (("skipped",), True, "not-yet"),
        (("failed",), False, "failed"),
        (("failed",), True, "failed"),
        (("passed", "failed"), False, "failed"),
    ],
)
def test_a_rule_stands_as_its_tests_ended(outcomes: tuple[str, ...], owed: bool, expected: str) -> None:
    """Only what passed is proved; a failure outweighs everything."""
    assert expected == status(PLAIN, site(*outcomes, owed=owed))


@pytest.mark.parametrize(
    ("runs", "expected"),
    [((True,), "long-run"), ((True, False), "unverified"), ((), "unverified")],
)
def test_what_a_quick_run_leaves_out_is_for_the_long_one(runs: tuple[bool, ...], expected: str) -> None:
    """A rule without a test in a quick run is proved by the long one only; after a long one it is not verified."""
    proofs = Proofs(recorded=True, runs=tuple(Run("2026-11-27T18:00:00+00:00", "", False, quick) for quick in runs))

    assert expected == status(PLAIN, a_site(Path(), a_page(""), proofs=proofs))


def test_a_badge_tells_when_and_on_which_files_it_ran() -> None:
    """Who points at a badge is told the time, the commit, and whether files differed from it."""
    runs = (Run("2026-11-27T18:00:05+00:00", "a" * 40, True),)
    proofs = Proofs((), {"IMG002": (RuleProof("t", "run", "passed"),)}, recorded=True, runs=runs)

    assert 'title="2026-11-27 18:00 UTC, aaaaaaa, with changed files"' in badge(
        PLAIN, "en", a_site(Path(), a_page(""), proofs=proofs)
    )


def test_a_rule_for_people_is_reviewed() -> None:
    """A rule that no machine judges says so."""
    assert "review" == status(REVIEWED, site())


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ko", '<span class="badge badge-proved">실행: 증명됨</span>'),
        ("en", '<span class="badge badge-proved">run: proved</span>'),
    ],
)
def test_a_badge_names_the_kind_of_proof(language: str, expected: str) -> None:
    """A badge says how the rule is proved and where it stands."""
    assert expected == badge(PLAIN, "ko" if language == "ko" else "en", site("passed"))


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ((("reference", "passed"),), "asserted"),
        ((("reference", "passed"), ("tool", "passed")), "proved"),
        ((("reference", "passed"), ("tool", "skipped")), "asserted"),
        ((("reference", "passed"), ("run", "failed")), "failed"),
    ],
)
def test_an_assertion_about_the_reference_repository_is_called_one(
    tests: tuple[tuple[str, str], ...], expected: str
) -> None:
    """What only reads the reference repository says nothing of any other, whatever the catalogue hopes for."""
    assert expected == status(CHECKED, ran(*tests))


@pytest.mark.parametrize(
    ("rule", "language", "expected"),
    [
        (CHECKED, "ko", "레퍼런스 레포에서만 확인함; 아직 검사기가 없음"),
        (CHECKED, "en", "asserted of the reference repository only; no checker yet"),
        (PLAIN, "en", "asserted of the reference repository only"),
    ],
)
def test_a_badge_says_that_there_is_no_checker(rule: Rule, language: Language, expected: str) -> None:
    """A rule for the checker says that the checker does not judge it yet."""
    text = badge(rule, language, site("passed", kind="reference"))

    assert f'<span class="badge badge-asserted">{expected}</span>' == text


def test_a_badge_names_all_that_ran() -> None:
    """Every kind that passed stands on the badge, what shows most first; a mere assertion adds nothing."""
    tests = ("reference", "passed"), ("tool", "passed"), ("run", "passed"), ("contract", "skipped")

    assert '<span class="badge badge-proved">run, real tool: proved</span>' == badge(PLAIN, "en", ran(*tests))


def test_a_reviewed_badge_says_it_once() -> None:
    """Kind and standing of a reviewed rule are the same words, said once."""
    assert '<span class="badge badge-review">a question for reviewers</span>' == badge(REVIEWED, "en", site())
