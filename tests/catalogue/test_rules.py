"""What holds of every rule of the real catalogue, against the real documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apparch.catalogue import LANGUAGES, Rule, Text
from apparch.catalogue.model import RULE_ID
from apparch.pages.written.site import Site, load_site

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(|\[\[|<https?:|https?://")


@pytest.fixture(scope="module")
def site() -> Site:
    """The repository's own pages and catalogue."""
    return load_site(ROOT)


def texts(rule: Rule) -> dict[str, Text]:
    """Every text of a rule by its key."""
    found = {key: getattr(rule, key) for key in ("title", "statement", "reason", "repair")}
    if rule.review:
        found |= {"question": rule.review.question, "why": rule.review.why}
    return found


def test_there_is_a_rule_for_each_policy(site: Site) -> None:
    """The catalogue is whole: the App document alone has more than ninety rules."""
    of_app = [rule for rule in site.catalogue.rules.values() if rule.document == "k8s_app_architecture"]

    assert 90 <= len(of_app)


def test_every_home_section_exists_in_both_languages(site: Site) -> None:
    """A rule's home section is a section of its document, in Korean and in English."""
    missing = [
        f"{rule.id}: {rule.document} has no #{rule.section} in {language}"
        for rule in site.catalogue.rules.values()
        for language in LANGUAGES
        if rule.section not in site.section_titles[(f"arch/{rule.document}", language)]
    ]

    assert [] == missing


def test_every_rule_is_cited_at_home(site: Site) -> None:
    """A rule's home section, or a section below it, names the rule in both languages."""
    missing = []
    for rule in site.catalogue.rules.values():
        for language in LANGUAGES:
            page = site.by_name[(f"arch/{rule.document}", language)]
            home = (rule.section, f"{rule.section}-")
            named = [s for s in page.sections if s.id == home[0] or s.id.startswith(home[1])]
            if not any(rule.id in RULE_ID.findall(section.text) for section in named):
                missing.append(f"{rule.id}: docs/{page.file}#{rule.section} does not name it")

    assert [] == missing


def test_no_text_holds_a_link(site: Site) -> None:
    """Texts are shown on many pages, where a relative link would lead elsewhere."""
    found = [
        f"{rule.id}: {key} in {language}"
        for rule in site.catalogue.rules.values()
        for key, text in texts(rule).items()
        for language in LANGUAGES
        if LINK.search(re.sub(r"`[^`]*`", "", text[language]))
    ]

    assert [] == found


def test_every_rule_that_a_text_names_exists(site: Site) -> None:
    """A rule's texts name only rules of the catalogue."""
    unknown = [
        f"{rule.id}: {key} names {name}"
        for rule in site.catalogue.rules.values()
        for key, text in texts(rule).items()
        for name in RULE_ID.findall(f"{text.ko} {text.en}")
        if name not in site.catalogue.rules
    ]

    assert [] == unknown


def test_both_languages_name_the_same_rules(site: Site) -> None:
    """A text's Korean and English name the same rules and the same code."""
    different = [
        f"{rule.id}: {key}"
        for rule in site.catalogue.rules.values()
        for key, text in texts(rule).items()
        if set(RULE_ID.findall(text.ko)) != set(RULE_ID.findall(text.en))
    ]

    assert [] == different


def test_every_review_asks_a_question(site: Site) -> None:
    """A rule that people judge has a question in each language and says why no machine can."""
    reviewed = [rule for rule in site.catalogue.rules.values() if rule.proof == "review"]
    wrong = [
        rule.id
        for rule in reviewed
        if not rule.review or not all(rule.review.question[language].rstrip().endswith("?") for language in LANGUAGES)
    ]

    assert reviewed
    assert [] == wrong


def test_reviews_stay_few(site: Site) -> None:
    """Not one rule in ten is left to people."""
    reviewed = [rule.id for rule in site.catalogue.rules.values() if rule.proof == "review"]

    assert 10 * len(reviewed) < len(site.catalogue.rules)


def test_titles_fit_a_table_and_a_link(site: Site) -> None:
    """A title is one short line without marks that would break the table or link that shows it."""
    wrong = [
        f"{rule.id}: {rule.title[language]}"
        for rule in site.catalogue.rules.values()
        for language in LANGUAGES
        if len(rule.title[language]) > 90 or re.search(r"[|\n\[\]]|\.$", rule.title[language])
    ]

    assert [] == wrong
