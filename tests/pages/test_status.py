"""What a build says of a rule's proof: never more than the run showed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.small import a_page, a_rule, a_site

from apparch.catalogue import Review, Text
from apparch.pages.proofs import Proofs, RuleProof
from apparch.pages.site import Site
from apparch.pages.status import badge, status

WHY = Text("가", "a")
PLAIN = a_rule()
REVIEWED = a_rule(proof="review", review=Review(WHY, WHY))


def site(*outcomes: str, owed: bool = False) -> Site:
    """A site whose run ended the rule's tests so."""
    tests = tuple(RuleProof(f"t{n}", "run", outcome) for n, outcome in enumerate(outcomes))
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


def test_a_reviewed_badge_says_it_once() -> None:
    """Kind and standing of a reviewed rule are the same words, said once."""
    assert '<span class="badge badge-review">human review</span>' == badge(REVIEWED, "en", site())
