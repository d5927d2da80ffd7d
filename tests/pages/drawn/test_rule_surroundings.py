"""What a rule's page tells of what stands around the rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.pages.small import APP, DEPLOY, a_page, a_rule, a_site

from apparch.catalogue import LANGUAGES, Text
from apparch.pages.drawn import rule_surroundings
from apparch.pages.written.origin import Origin
from apparch.pages.written.site import Site

DOCUMENT = "## 4 태그 {#4}\n### 4.2 정책 {#4-2}\nIMG002\n### 4.3 금지 {#4-3}\nIMG002와 IMG002"
OTHER = "## 3 태그 선택 {#3}\nIMG002"
NAMING = {"statement": Text("가", "a"), "reason": Text("IMG002와 다르다.", "Unlike IMG002."), "section": "9"}


def site(**more: Any) -> Site:
    """Two documents and a page that name the rule, in both languages."""
    pages = [
        a_page(text, name, language)
        for name, text in ((APP, DOCUMENT), (DEPLOY, OTHER), ("start/index", "# 시작\nIMG002"))
        for language in LANGUAGES
    ]
    return a_site(Path("no-such-folder"), *pages, **more)


def items(lines: list[str]) -> list[str]:
    """The entries of a list among lines."""
    return [line[2:] for line in lines if line.startswith("- ")]


def test_the_places_that_cite_a_rule_are_listed() -> None:
    """The home section comes first, then every other section that names the rule, once each."""
    assert [
        "[[k8s_app_architecture.md]] 4.2",
        "[App 문서 4.3절](../arch/k8s_app_architecture.md#4-3)",
        "[Deploy 문서 3장](../arch/k8s_sub_architecture.md#3)",
        "[시작](../start/index.md)",
    ] == items(rule_surroundings.cited(a_rule(), "ko", site()))


def test_what_was_found_about_it_is_linked() -> None:
    """Defects and rulings that name the rule are listed by their titles and addresses, others are not."""
    found: dict[str, Any] = {
        "findings": [
            {"id": "F01", "title": {"ko": "가", "en": "One"}, "rules": ["IMG002"]},
            {"id": "F02", "title": {"ko": "나", "en": "Two"}, "rules": ["IMG003"]},
        ],
        "rulings": [{"id": "R01", "title": {"ko": "다", "en": "Three"}, "rules": ["IMG002"], "was": {}}],
    }

    assert [
        "Defect [F01 One](../start/execution.md#f01)",
        "Ruling [R01 Three](../start/execution.md#r01)",
    ] == items(rule_surroundings.found(a_rule(), "en", site(findings=found)))


def test_related_rules_name_each_other_or_share_a_section() -> None:
    """Those that a text names, in either direction, come before those of the same family and section."""
    rules = (a_rule(), a_rule("IMG003"), a_rule("IMG004", **NAMING), a_rule("TAG001"), a_rule("IMG005", section="9"))

    assert ["IMG004 Tags never move", "IMG003 Tags never move"] == items(
        rule_surroundings.related(a_rule(), "en", site(rules=rules))
    )
    assert ["IMG002 Tags never move", "IMG005 Tags never move"] == items(
        rule_surroundings.related(rules[2], "en", site(rules=rules))
    )


def test_a_fault_of_a_rule_is_reported_where_its_repository_is() -> None:
    """The links stand there only where the repository's address is known."""
    named = site(origin=Origin("https://git.example/o/n"))

    assert [] == rule_surroundings.links(a_rule(), "en", site())
    assert "(https://git.example/o/n/issues/new?title=IMG002%3A+)" in rule_surroundings.links(a_rule(), "en", named)[2]


@pytest.mark.parametrize(
    ("rule", "around"),
    [("IMG002", [("Next", "IMG003")]), ("IMG003", [("Previous", "IMG002"), ("Next", "TAG001")])],
)
def test_the_rules_before_and_after_are_linked(rule: str, around: list[tuple[str, str]]) -> None:
    """In the catalogue's order, across families, each with its title."""
    of = site(rules=(a_rule(), a_rule("IMG003"), a_rule("TAG001")))
    lines = rule_surroundings.neighbours(of.catalogue.rules[rule], "en", of, "plain")

    assert [f"- [{way} rule: {other} Tags never move]({other}.md)" for way, other in around] == lines
