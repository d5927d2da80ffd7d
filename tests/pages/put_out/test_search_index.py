"""What the search of a site looks in: which places, called what, with which of their words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.pages.small import a_page, a_rule, a_site

from apparch.catalogue.model import Aliases
from apparch.pages.put_out.search_index import search_index
from apparch.pages.written.search_words import SearchWords
from apparch.pages.written.site import Page

TAGS = Aliases(ko=("태그 덮어쓰기",), en=("overwrite a tag",), both=("git tag -f",))
NONE = SearchWords({}, {})


def places(root: Path, *pages: Page, language: Any = "en", words: SearchWords = NONE) -> list[dict[str, Any]]:
    """The index of a site with one rule and these pages."""
    site = a_site(root, *pages, rules=(a_rule(aliases=TAGS),))
    found: list[dict[str, Any]] = search_index(site, pages, {}, language, words)["places"]
    return found


def test_a_rule_is_called_by_its_aliases(tmp_path: Path) -> None:
    """Its sentence is shown, its reason and repair are looked in, the words of its language are names of it."""
    assert {
        "kind": "rule",
        "at": "rules/IMG002/",
        "title": "IMG002 Tags never move",
        "within": ("MUST", "App repo", "Images and tags"),
        "text": "A pushed tag must never be overwritten.",
        "more": "One name, one content. Make a new tag.",
        "names": ("git tag -f", "overwrite a tag"),
    } == places(tmp_path)[0]


def test_a_korean_reader_may_type_english(tmp_path: Path) -> None:
    """In Korean a rule has its English names too."""
    assert ("git tag -f", "태그 덮어쓰기", "overwrite a tag") == places(tmp_path, language="ko")[0]["names"]


def test_each_section_is_a_place(tmp_path: Path) -> None:
    """A page and its sections have addresses of their own, and a chapter says which document it is of."""
    text = "# 6 Designing\n\nFirst.\n\n## 6.1 Probes {#6-1}\n\nThree *paths*: [`/health/<live>`](x.md).\n"
    page = a_page(text, "arch/k8s_app_architecture/6", "en")

    assert [
        {
            "kind": "page",
            "at": "arch/k8s_app_architecture/6/",
            "title": "6 Designing",
            "within": ("App document",),
            "text": "First.",
        },
        {
            "kind": "section",
            "at": "arch/k8s_app_architecture/6/#6-1",
            "title": "6.1 Probes",
            "within": ("App document", "6 Designing"),
            "text": "Three paths: /health/<live>.",
        },
    ] == places(tmp_path, page)[1:]


def test_the_home_page_is_at_the_root(tmp_path: Path) -> None:
    """Its address is the site's."""
    assert "" == places(tmp_path, a_page("# Home\n", "index", "en"))[1]["at"]


def test_code_is_looked_in_by_its_names(tmp_path: Path) -> None:
    """A block is not shown; each name in it is found, once."""
    page = a_page("# A\n\nText.\n\n```yaml\npathType: Prefix\npathType: Exact\n```\n", "a", "en")

    assert ("Text.", "pathType: Prefix Exact") == (places(tmp_path, page)[1]["text"], places(tmp_path, page)[1]["more"])


def test_what_stands_elsewhere_is_left_out(tmp_path: Path) -> None:
    """Rows about rules, lines that say what judged a block, a document's card, lists of links."""
    page = a_page(
        '# A\n\n<div class="document-card" markdown>\n\n- **ID** X\n\n</div>\n\n'
        '| Rule | Level |\n| --- | --- |\n| [IMG002](../rules/IMG002.md "x"){ .rule } | MUST |\n\n'
        "[snippets/a.py](../source/a.py/index.html#L1){ .snippet-file } · not verified in this build\n"
        "{ .snippet }\n\n    [1 One](1.md){ #1 } · [2 Two](2.md){ #2 }\n\n"
        '<div class="filtered" data-search-exclude markdown>\n\nTwice.\n\n</div>\n\n'
        "Kept.\n\n| a | b |\n|---|---|\n| c | d |\n",
        "a",
        "en",
    )

    assert "Kept. a · b c · d" == places(tmp_path, page)[1]["text"]


def test_a_page_may_be_left_out(tmp_path: Path) -> None:
    """One whose front matter says so, and one in another language, is no place."""
    whole = a_page("# A\n", "a", "en", search={"exclude": True})

    assert 1 == len(places(tmp_path, whole, a_page("# 가\n", "b", "ko")))


def test_a_long_section_is_shown_in_part(tmp_path: Path) -> None:
    """What an excerpt is taken from has an end, and each word of the rest is found, once."""
    page = a_page("# A\n\n" + "word " * 200 + "last last\n", "a", "en")

    place = places(tmp_path, page)[1]

    assert ("word " * 96).strip() == place["text"]
    assert "word last" == place["more"]


def test_what_code_documents_is_a_place(tmp_path: Path) -> None:
    """The names that a page of an API documents lead to their places on it."""
    symbols = {"reference/app/": [("app.main", "main")]}

    index = search_index(a_site(tmp_path), [], symbols, "en", NONE)

    assert {"kind": "symbol", "at": "reference/app/#app.main", "title": "main", "within": ("app.main",)} == index[
        "places"
    ][-1]


def test_places_have_the_names_that_readers_give_them(tmp_path: Path) -> None:
    """A chapter, a page and a section each by its address, a page's own names first."""
    page = a_page("# 7 From Compose\n\n## Steps {#steps}\n", "arch/k8s_architecture/7", "en", names=["moving"])
    words = SearchWords(
        {}, {"en": {"arch/k8s_architecture/7": ("off compose",), "arch/k8s_architecture/7#steps": ("how to move",)}}
    )

    assert [("moving", "off compose"), ("how to move",)] == [
        place["names"] for place in places(tmp_path, page, words=words)[1:]
    ]


def test_words_for_one_another_stand_beside_the_glossarys(tmp_path: Path) -> None:
    """Those of the language alone."""
    words = SearchWords({"en": (("remove", "delete"),), "ko": (("삭제", "제거"),)}, {})

    assert [("remove", "delete")] == search_index(a_site(tmp_path), [], {}, "en", words)["synonyms"]
