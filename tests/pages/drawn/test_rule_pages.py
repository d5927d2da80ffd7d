"""What a rule's own page tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.pages.small import APP, DEPLOY, a_page, a_rule, a_site, write_snippet

from apparch.catalogue import LANGUAGES, Review, Text
from apparch.pages.drawn.rule_pages import rule_pages
from apparch.pages.expand import expand
from apparch.pages.written.origin import Origin
from apparch.pages.written.sections import find_sections
from apparch.pages.written.site import Site, load_site

ROOT = Path(__file__).parents[3]

BREACHES = """
- {id: IMG002-again, rule: IMG002, kind: plain, says: {ko: 태그를 다시 쓴다, en: a tag is written again},
   changes: [{in: snippets/a, gone: true}], noticed_by: "tests/a.py::test_a"}
"""
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


PARTS = (
    "why examples bad finding good repair check review applies waive proof breaches cited found related history correct"
)


def full(root: Path) -> Site:
    """A site in which every part of the rule's page has something to tell."""
    write_snippet(root, "tests/breaches/IMG.yaml", BREACHES)
    write_snippet(root, "snippets/rules/IMG002/cases.yaml", 'bad: {base: none, finds: ["a:1"]}\ngood: {base: none}\n')
    write_snippet(root, "snippets/rules/IMG002/bad/a", "1\n")
    write_snippet(root, "snippets/rules/IMG002/good/a", "2\n")
    review = Review(Text("맞는가?", "Is it right?"), Text("뜻의 문제다.", "It is a matter of meaning."))
    finding = {"id": "F01", "title": {"ko": "제목", "en": "Title"}, "rules": ["IMG002"]}
    return site(
        root,
        rules=(a_rule(review=review), a_rule("IMG003")),
        findings={"findings": [finding]},
        origin=Origin("https://git.example/org/apparch"),
    )


def parts(of: Site) -> list[str]:
    """The ids of the sections of the first rule's page."""
    return [section.id for section in find_sections(page_of("en", of)) if section.id != "top"]


def test_the_questions_are_answered_in_order(tmp_path: Path) -> None:
    """A page says what, why, how it looks, how to mend, check and waive it, then its proof and what is around it."""
    assert PARTS.split() == parts(full(tmp_path))


def test_what_there_is_nothing_of_is_left_out() -> None:
    """A rule without examples, question, breaches, findings, relatives and repository has none of these parts."""
    absent = {"examples", "bad", "finding", "good", "review", "breaches", "found", "related", "correct"}

    assert [part for part in PARTS.split() if part not in absent] == parts(site())


def test_both_languages_have_the_same_sections() -> None:
    """A link to a part of a rule's page works in both languages."""
    ids = [[section.id for section in page.sections] for page in rule_pages(site())]

    assert ids[0] == ids[1]


def test_a_pages_file_is_edited_in_the_catalogue(tmp_path: Path) -> None:
    """Where the repository is named, the page says where its texts are edited and a fault is reported."""
    meta = rule_pages(full(tmp_path))[0].meta

    assert "https://git.example/org/apparch/edit/main/src/apparch/catalogue/rules/IMG.yaml" == meta["edit"]
    assert "https://git.example/org/apparch/issues/new?title=IMG002%3A+" == meta["report"]


def test_a_retired_rule_names_its_successor() -> None:
    """A retired rule keeps its page and leads to what replaced it."""
    retired = site(rules=(a_rule(replaced_by="IMG003"), a_rule("IMG003")))
    page = rule_pages(retired)[1]

    assert "> This rule is retired. Its successor: [IMG003](IMG003.md " in expand(page, retired)


def test_every_page_of_the_catalogue_can_be_published() -> None:
    """The pages of all real rules expand without a fault."""
    real = load_site(ROOT)

    assert 2 * len(real.catalogue.rules) == len([expand(page, real) for page in rule_pages(real)])
