"""The contract holds between the reference trees, rule by rule."""

from __future__ import annotations

import pytest
from tests.contract.trees import APP, DEPLOY

from apparch.catalogue import load_catalogue
from apparch.contract import Comparison, Judgement, compare
from apparch.contract.model import LINKS, SHARED
from apparch.repository import Repository

SIX = ("variables", "tag", "port", "logs", "probes", "metrics")
RULES = tuple(rule for rules in LINKS.values() for rule in rules)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """What the comparison says of the reference repositories."""
    return compare(Repository(APP), Repository(DEPLOY))


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=rule, marks=() if rule in SHARED else pytest.mark.rule(rule)) for rule in RULES]
)
def test_the_reference_repositories_agree(comparison: Comparison, rule: str) -> None:
    """Nothing disagrees in either environment; what does is shown with every place that it relates."""
    found = [each for each in comparison.findings if each.rule == rule]
    assert not found, "\n".join(_shown(each) for each in found)


@pytest.mark.rule("OWN025")
@pytest.mark.parametrize("link", SIX)
def test_every_link_is_as_the_image_publishes_it(comparison: Comparison, link: str) -> None:
    """What one repository says of a link the other understands, link by link: a tag stands for all of them."""
    found = [each for each in comparison.findings if each.link == link]
    assert not found, "\n".join(_shown(each) for each in found)


def test_no_link_is_left_out_of_the_comparison() -> None:
    """Both environments are compared; the boundary is silent where nothing crosses it, a rolling one no singleton."""
    comparison = compare(Repository(APP), Repository(DEPLOY))
    assert comparison.overlays == ("production", "staging")
    assert {each.rule for each in comparison.judgements} == set(RULES) - {"OWN001", "OWN025", "OWN026", "TRD009"}
    assert {rule.id for rule in load_catalogue().rules.values() if rule.proof == "contract"} == set(RULES) - SHARED


def test_every_link_compares_at_least_what_the_document_lists(comparison: Comparison) -> None:
    """18 variables, two tags, three ports, three probes, twelve metrics: a judge that looks at nothing agrees too."""
    subjects = {rule: {each.subject for each in comparison.judgements if each.rule == rule} for rule in RULES}
    counts = {rule: len(found) for rule, found in subjects.items()}
    assert counts["ENV011"] == 18
    assert counts["ENV012"] == 3
    assert counts["PRB012"] == 9
    assert counts["NET003"] == 4
    assert counts["SHD011"] == 3
    assert counts["NET004"] == 3
    assert counts["MET007"] >= 12
    assert counts["MAN013"] >= 8


def _shown(finding: Judgement) -> str:
    """What is wrong, and on one line the places that it relates, each with what its line says."""
    return f"{finding.wrong}\n    " + " <> ".join(
        f"{side.repository} {side.place.path} | {_line(side.repository, side.place.path, side.place.line)}"
        for side in finding.sides
    )


def _line(repository: str, path: str, number: int) -> str:
    file = (APP if repository == "app" else DEPLOY) / path
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return lines[number - 1] if lines else ""
