"""The index of rules: what a row is found by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from tests.pages.small import a_page, a_rule, a_site

from apparch.app.languages import LANGUAGES
from apparch.catalogue import Text
from apparch.catalogue.model import Aliases, Applies
from apparch.pages.drawn import rule_index
from apparch.pages.expand import expand
from apparch.pages.proofs import Proofs, RuleProof

EVERY = [language.name for language in LANGUAGES]


def expanded(*rules: Any, flavour: Any = "site", **more: Any) -> str:
    """The index of these rules as published."""
    page = a_page("[[rule-index]]", "rules/index", "en")
    return expand(page, a_site(Path("no-such-folder"), page, rules=rules or (a_rule(),), **more), flavour)


@pytest.mark.parametrize(
    ("rule", "facet", "values"),
    [
        (a_rule("TAG001"), "family", ["TAG"]),
        (a_rule(level="MAY"), "level", ["MAY"]),
        (a_rule(owner="both"), "owner", ["both"]),
        (a_rule(document="k8s_architecture"), "document", ["k8s_architecture"]),
        (a_rule(), "language", EVERY),
        (a_rule(applies=Applies(languages=("go",))), "language", ["go"]),
        (a_rule(owner="deploy", applies=Applies(languages=("go",))), "language", EVERY),
        (a_rule(proof="review"), "proof", ["review"]),
        (a_rule(), "proof", ["none"]),
    ],
)
def test_a_rule_is_found_by_its_data(rule: Any, facet: str, values: list[str]) -> None:
    """Each facet of a row comes from the catalogue; a rule for any language is found by each of them."""
    assert values == list(rule_index.values(rule, a_site(Path("no-such-folder"), rules=(rule,)))[facet])


def test_a_rule_is_found_by_each_kind_of_its_proof() -> None:
    """Every kind that passed in this build leads to it, what shows most first."""
    tests = (RuleProof("b", "reference", "passed"), RuleProof("a", "run", "passed"), RuleProof("c", "tool", "failed"))
    passed = Proofs((), {"IMG002": tests[:2]}, recorded=True)
    failed = replace(passed, rules={"IMG002": tests})

    found = [rule_index.proofs(a_rule(), a_site(Path("x"), proofs=proofs)) for proofs in (passed, failed)]
    assert [["run", "reference"], ["none"]] == found


def test_a_row_carries_words_that_it_does_not_show() -> None:
    """Its sentence and what people call it are found by, whatever characters Markdown would read in them."""
    odd = a_rule(statement=Text("가", 'A `tag` | "[x]" <b>'), aliases=Aliases(both=("kubectl apply",)))
    row = next(line for line in expanded(odd).split("\n") if "IMG002" in line)
    words = BeautifulSoup(row, "lxml").select_one(".facets")

    assert words is not None
    assert 'kubectl apply A tag "x" <b>' == words["data-words"]


def test_the_form_offers_every_value_and_waits_for_a_script() -> None:
    """Its options cover what rows hold; it is hidden as published, and no word in it becomes a link or a term."""
    form = BeautifulSoup(expanded(), "lxml").select_one("form[hidden]")

    assert form is not None
    offered = {
        select["name"]: [option["value"] for option in select.select("option")] for select in form.select("select")
    }
    assert ["", "IMG"] == offered["family"]
    assert {"level", "owner", "proof", "document", "language", "family"} == offered.keys()
    assert [] == form.select("a, abbr")


def test_plain_markdown_has_the_table_alone() -> None:
    """What is exported has neither the form nor its data."""
    text = expanded(flavour="plain")

    assert "<form" not in text
    assert "| [IMG002](IMG002.md" in text
    assert "facets" not in text
