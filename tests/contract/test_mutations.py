"""The contract holds between the reference trees, and every single change that breaks it is named by its rule."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.contract.trees import APP, DEPLOY, Trees

from apparch.catalogue import load_catalogue
from apparch.contract import compare
from apparch.contract.model import LINKS
from apparch.repository import Repository

MUTATIONS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "mutations.yaml").read_text("utf-8"))
RULES = tuple(rule for rules in LINKS.values() for rule in rules)


@pytest.mark.rule(*RULES)
def test_the_reference_repositories_agree() -> None:
    """Nothing disagrees in either environment, and no link of the contract was left out of the comparison."""
    comparison = compare(Repository(APP), Repository(DEPLOY))
    assert [(each.rule, each.wrong) for each in comparison.findings] == []
    assert comparison.overlays == ("production", "staging")
    # The boundary is silent where nothing crosses it, and a Deployment that rolls is no singleton.
    assert {each.rule for each in comparison.judgements} == set(RULES) - {"OWN001", "OWN025", "TRD009"}


def test_every_link_compares_at_least_what_the_document_lists() -> None:
    """18 variables, two tags, three ports, three probes, twelve metrics: a judge that looks at nothing agrees too."""
    comparison = compare(Repository(APP), Repository(DEPLOY))
    subjects = {rule: {each.subject for each in comparison.judgements if each.rule == rule} for rule in RULES}
    counts = {rule: len(found) for rule, found in subjects.items()}
    assert counts["ENV011"] == 18
    assert counts["ENV012"] == 3
    assert counts["PRB012"] == 9
    assert counts["NET003"] == 4
    assert counts["SHD011"] == 3
    assert counts["MET007"] >= 12
    assert counts["MAN013"] >= 8


def _marked(mutation: dict[str, Any]) -> Any:
    return pytest.param(mutation, id=mutation["name"].replace(" ", "-"), marks=pytest.mark.rule(mutation["rule"]))


@pytest.mark.parametrize("mutation", [_marked(each) for each in MUTATIONS])
def test_a_single_change_turns_exactly_its_rule_red(mutation: dict[str, Any], trees: Trees) -> None:
    """No other rule is red, and the findings name every place that the table lists."""
    change = mutation["change"]
    if "rename" in change:
        trees.path(change["in"], change["rename"]).rename(trees.path(change["in"], change["to"]))
    else:
        trees.replace(change["in"], change["file"], change["old"], change["new"])
    findings = trees.comparison.findings
    shown = [(each.rule, each.wrong, [f"{side.repository} {side.place}" for side in each.sides]) for each in findings]
    assert {each.rule for each in findings} == {mutation["rule"]}, shown
    for place in mutation["places"]:
        assert any(trees.names(each, place) for each in findings), (place, shown)
    assert any(sum(trees.names(each, place) for place in mutation["places"]) >= 2 for each in findings), shown


def test_every_contract_rule_has_a_mutation() -> None:
    """A rule that no change turns red would be a rule that nothing guards."""
    contract = {rule.id for rule in load_catalogue().rules.values() if rule.proof == "contract"}
    assert contract == set(RULES)
    mutated = Counter(each["rule"] for each in MUTATIONS)
    assert contract == set(mutated)
    assert sum(mutated.values()) >= 25
