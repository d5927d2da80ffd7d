"""What a rule's own page tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.pages.small import APP, DEPLOY, a_page, a_rule, a_site, write_snippet

from apparch.catalogue import LANGUAGES, Review, Text
from apparch.pages.drawn.rule_pages import rule_pages
from apparch.pages.expand import expand
from apparch.pages.proofs import BreachProof, Proofs, RuleProof
from apparch.pages.written.site import Site, load_site

ROOT = Path(__file__).parents[3]

DOCUMENT = "## 4 태그 {#4}\n### 4.2 정책 {#4-2}\nIMG002\n### 4.3 금지 {#4-3}\nIMG002와 IMG002"
OTHER = "## 3 태그 선택 {#3}\nIMG002"


def site(root: Path = Path("no-such-folder"), **more: Any) -> Site:
    """Two documents and a page that name the rule, in both languages."""
    pages = [
        a_page(text, name, language)
        for name, text in ((APP, DOCUMENT), (DEPLOY, OTHER), ("start/index", "# 시작\nIMG002"))
        for language in LANGUAGES
    ]
    return a_site(root, *pages, **more)


def page_of(language: str, of: Site) -> str:
    """The page of the first rule in a language, as written."""
    return next(page.text for page in rule_pages(of) if page.language == language)


def test_every_rule_has_a_page_in_each_language() -> None:
    """The pages are named by the rule's ID, so that its address never moves."""
    pages = rule_pages(site(rules=(a_rule(), a_rule("IMG003"))))

    assert ["rules/IMG002.md", "rules/IMG002.en.md", "rules/IMG003.md", "rules/IMG003.en.md"] == [
        page.file for page in pages
    ]


def test_the_questions_are_answered_in_order() -> None:
    """A page says what, why, how to repair, whether it is proved and where it is cited."""
    headings = [line for line in page_of("en", site()).split("\n") if line.startswith("#")]

    assert [
        "# IMG002 Tags never move",
        "## Why it matters {#why}",
        "## How to repair a breach {#repair}",
        "## Its proof in this build {#proof}",
        "## Where the documents speak of it {#cited}",
    ] == headings


def test_both_languages_have_the_same_sections() -> None:
    """A link to a part of a rule's page works in both languages."""
    ids = [[section.id for section in page.sections] for page in rule_pages(site())]

    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("language", "reference"),
    [
        ("ko", "IMG002: 올린 태그는 다시 쓰지 않는다. https://apparch.example/rules/IMG002/"),
        ("en", "IMG002: A pushed tag must never be overwritten. https://apparch.example/en/rules/IMG002/"),
    ],
)
def test_a_reference_can_be_copied(language: str, reference: str) -> None:
    """The copied reference is the ID, one sentence and the permalink in the reader's language."""
    assert f'data-reference="{reference}"' in page_of(language, site())


def test_a_reference_is_safe_in_html() -> None:
    """Quotes and angle brackets in a statement do not end the attribute."""
    quoted = a_rule(statement=Text('"가" <b>', '"a" <b>'))

    assert "IMG002: &quot;a&quot; &lt;b&gt; https://" in page_of("en", site(rules=(quoted,)))


def test_the_places_that_cite_a_rule_are_listed() -> None:
    """The home section comes first, then every other section that names the rule, once each."""
    lines = page_of("ko", site()).split("{#cited}\n")[1].strip().split("\n")

    assert [
        "- [[k8s_app_architecture.md]] 4.2",
        "- [App 문서 4.3절](../arch/k8s_app_architecture.md#4-3)",
        "- [Deploy 문서 3장](../arch/k8s_sub_architecture.md#3)",
        "- [시작](../start/index.md)",
    ] == lines


@pytest.mark.parametrize("outcome", ["passed", "failed", "skipped"])
def test_its_tests_are_listed_as_they_ended(outcome: str) -> None:
    """Each test that names the rule is listed with its outcome."""
    proofs = Proofs((), {"IMG002": (RuleProof("tests/a.py::test_a", "run", outcome),)}, recorded=True)

    assert f"- `tests/a.py::test_a` (run, {outcome})" in page_of("en", site(proofs=proofs))


BREACHES = """
- {id: IMG002-again, rule: IMG002, kind: plain, says: {ko: 태그를 다시 쓴다, en: a tag is written again},
   changes: [{in: snippets/a, gone: true}], noticed_by: "tests/a.py::test_a"}
- {id: IMG002-blind, rule: IMG002, kind: part, says: {ko: 반만 쓴다, en: half is written},
   changes: [{in: snippets/a, gone: true}]}
- {id: IMG002-new, rule: IMG002, kind: allowed, says: {ko: 새 태그를 쓴다, en: a new tag is written},
   changes: [{in: snippets/a, gone: true}]}
"""


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ((), "not run in this build"),
        (("passed",), "seen in this build"),
        (("passed", "failed"), "not so in this build"),
    ],
)
def test_what_a_proof_has_noticed_is_listed(tmp_path: Path, ended: tuple[str, ...], words: str) -> None:
    """A breach stands there with its proof and what became of it in this build; one that was never noticed does not."""
    write_snippet(tmp_path, "tests/breaches/IMG.yaml", BREACHES)
    breaches = tuple(BreachProof("IMG002-again", "IMG002", "tests/a.py::test_a", outcome) for outcome in ended)
    text = page_of("en", site(tmp_path, proofs=Proofs(recorded=True, breaches=breaches)))

    shown = text.split("{#breaches}")[1].split("\n## ")[0]
    assert f"- a tag is written again<br>`tests/a.py::test_a` ({words})" in shown
    assert "half is written" not in shown
    assert "What the rule allows, on which its proofs stay green:\n\n- a new tag is written (not run" in shown


def test_a_rule_without_a_noticed_breach_claims_none() -> None:
    """Its page has no such section."""
    assert "{#breaches}" not in page_of("en", site())


def test_what_will_prove_it_is_told_in_the_readers_language() -> None:
    """A rule in the ledger says what will bring its proof."""
    owed = site(ledger={"IMG002": Text("레지스트리 시험", "the registry test")})

    assert "증명을 가져올 것: 레지스트리 시험" in page_of("ko", owed)
    assert "What will bring the proof: the registry test" in page_of("en", owed)


def test_a_reviewed_rule_shows_its_question() -> None:
    """A rule for people shows what the reviewer asks and why no machine can."""
    review = Review(Text("맞는가?", "Is it right?"), Text("뜻의 문제다.", "It is a matter of meaning."))
    text = page_of("en", site(rules=(a_rule(proof="review", review=review),)))

    assert "## The reviewer's question {#review}\n\n> Is it right?\n\nIt is a matter of meaning.\n" in text


def test_a_retired_rule_names_its_successor() -> None:
    """A retired rule keeps its page and leads to what replaced it."""
    retired = site(rules=(a_rule(replaced_by="IMG003"), a_rule("IMG003")))
    page = rule_pages(retired)[1]

    assert "> This rule is retired. Its successor: [IMG003](IMG003.md " in expand(page, retired)


def test_every_page_of_the_catalogue_can_be_published() -> None:
    """The pages of all real rules expand without a fault."""
    real = load_site(ROOT)

    assert 2 * len(real.catalogue.rules) == len([expand(page, real) for page in rule_pages(real)])
