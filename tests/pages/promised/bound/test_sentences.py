"""Sentences that tell an order, a comparison or a fact are held against the product."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apparch.catalogue import Language
from apparch.pages.errors import PageError
from apparch.pages.promised.bound.check import Checker
from apparch.pages.promised.bound.claims import Claim
from apparch.pages.promised.bound.product import Product
from apparch.pages.promised.bound.sentences import unsaid
from apparch.pages.promised.bound.texts import Line
from apparch.pages.written.site import load_site

ROOT = Path(__file__).parents[4]
APPLY = "deploy/_shared/scripts/deploy/apply.sh"
POD = "deploy/k8s/base/deployments/app.yaml"
ORDER = [
    {"ko": "설정", "en": "settings", "at": r"apply -f .*settings\.yaml"},
    {"ko": "앱", "en": "app", "at": r"apply -f .*app\.yaml"},
]

pytestmark = pytest.mark.xdist_group("bound")


@pytest.fixture(scope="module")
def checker() -> Checker:
    """The checker of this project."""
    return Checker(load_site(ROOT), Product(ROOT))


def judged(checker: Checker, phrase: str, condition: Any, language: Language = "en") -> list[str]:
    """What is wrong with one sentence that is bound to one condition."""
    claim = Claim("docs/claims/x.yaml: all", "all", {language: phrase}, (), None, (condition,))
    line = Line("docs/x.md", 7, "all", phrase)
    return list(unsaid(claim, language, checker.facts, checker.writings["README"], line))


@pytest.mark.parametrize(
    ("language", "phrase", "condition"),
    [
        ("en", "settings, then the app", {"in": APPLY, "steps": ORDER}),
        ("ko", "설정 다음에 앱", {"in": APPLY, "steps": ORDER}),
        ("en", "shorter than the probe's", f"PROBE_TIMEOUT_SECONDS < {POD}:readinessProbe.timeoutSeconds"),
        ("ko", "프로브보다 짧다", f"PROBE_TIMEOUT_SECONDS < {POD}:readinessProbe.timeoutSeconds"),
        ("en", "a replica goes before", f"holds({POD}, maxSurge: 1)"),
        ("en", "no type Recreate", f"lacks({POD}, Recreate)"),
    ],
)
def test_what_is_so_stays_green(checker: Checker, language: Language, phrase: str, condition: Any) -> None:
    """The order, the comparison, what a file has and what it lacks."""
    assert [] == judged(checker, phrase, condition, language)


@pytest.mark.parametrize(
    ("language", "phrase", "condition", "fault"),
    [
        ("en", "the app, then settings", {"in": APPLY, "steps": ORDER}, "the order is settings, app"),
        ("ko", "앱 다음에 설정", {"in": APPLY, "steps": ORDER}, "the order is 설정, 앱"),
        ("en", "shorter", "DRAIN_SECONDS < 5", "DRAIN_SECONDS < 5 compares 5 with 5"),
        ("en", "longer", "DRAIN_SECONDS < 6", "the claim is DRAIN_SECONDS < 6, which the words do not say"),
        ("ko", "더 길게", "DRAIN_SECONDS < 6", "the claim is DRAIN_SECONDS < 6, which the words do not say"),
        ("en", "two go first", f"holds({POD}, maxSurge: 2)", f"{POD} has no maxSurge: 2"),
        ("en", "no surge", f"lacks({POD}, maxSurge)", f"{POD} has maxSurge"),
    ],
)
def test_what_is_not_so_is_named(checker: Checker, language: Language, phrase: str, condition: Any, fault: str) -> None:
    """The message has the place, the sentence and what the product holds."""
    assert [f"docs/x.md:7: {phrase!r} is not so: {fault}"] == judged(checker, phrase, condition, language)


@pytest.mark.parametrize("condition", ["somehow", {"in": APPLY}, "holds(no/such/file, x)"])
def test_a_condition_of_no_known_form_is_refused(checker: Checker, condition: Any) -> None:
    """A claim that could not fail would prove nothing."""
    with pytest.raises(PageError):
        judged(checker, "whatever", condition)
