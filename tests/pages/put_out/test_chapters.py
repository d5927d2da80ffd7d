"""How a document becomes an overview, chapters and a page for printing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.pages.small import APP, DEPLOY, a_page, a_rule, a_site, write_snippet

from apparch.catalogue import LANGUAGES
from apparch.pages.put_out.published_pages import published_pages
from apparch.pages.written.markup import Flavour
from apparch.pages.written.site import Page, Site

TEXT = """# 문서

무엇인지 말한다. 더 말한다.

## 지도 {#map}

[[2.1]]로 간다.

## 1 하나 {#1}

첫 장이다. 둘째 문장이다.

```sh
--8<-- "snippets/a.sh"
```

[[1]], [[2]], [[2.1]], [규칙](../rules/IMG002.md), `[코드](#2-1)`

## 2 둘 {#2}

### 2.1 안 {#2-1}

[[1]], [[2.1]]
"""
OTHER = (
    "# Deploy\n\n## 1 하나 {#1}\n\n### 1.1 안 {#1-1}\n\n[[k8s_app_architecture.md]], [[k8s_app_architecture.md]] 2.1\n"
)
HOME = "# 홈\n\n[[k8s_app_architecture.md]] 2, [여기](arch/k8s_app_architecture.md#map)\n"
PAGES = {APP: TEXT, DEPLOY: OTHER, "index": HOME}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two documents and a page beside them."""
    write_snippet(tmp_path, "snippets/a.sh", "# 주석\n## 주석 {#x}\n")
    pages = [a_page(text, name, language, title="문서") for name, text in PAGES.items() for language in LANGUAGES]
    return a_site(tmp_path, *pages, rules=(a_rule(section="2-1"),))


def made(site: Site, name: str, flavour: Flavour = "site") -> Page:
    """A published page by its name."""
    return next(page for page in published_pages(site, flavour) if page.name == name and page.language == "ko")


def names(site: Site, flavour: Flavour) -> list[str]:
    """The published pages of the App document in their order."""
    pages = [page.name for page in published_pages(site, flavour) if page.language == "ko"]
    return [name.removeprefix(APP) for name in pages if name.startswith(APP)]


def test_a_document_is_an_overview_its_chapters_and_a_whole(site: Site) -> None:
    """Every second-level heading with a number opens a page; programs get the whole at the document's address."""
    assert ["/index", "/1", "/2", "/print"] == names(site, "site")
    assert ["", "/1", "/2"] == names(site, "plain")


def test_a_document_without_chapters_stays_one_page(site: Site) -> None:
    """What has no numbered section is published as any other page."""
    pages = published_pages(a_site(site.root, a_page("# 문서\n\n## 지도 {#map}\n"), rules=()))

    assert [APP] == [page.name for page in pages]


def test_a_chapter_is_a_page_of_its_own(site: Site) -> None:
    """Its heading becomes the page's, those below it rise by one, and code stays as it is."""
    text = made(site, f"{APP}/1").text

    assert text.startswith("# 1 하나 {#1}\n\n첫 장이다.")
    assert "# 주석\n## 주석 {#x}" in text
    assert "## 2.1 안 {#2-1}" in made(site, f"{APP}/2").text.split("\n")


def test_a_chapter_is_described_by_its_first_sentence(site: Site) -> None:
    """The description of its page and its line in the overview are the sentence that the chapter opens with."""
    assert {
        "title": "1 하나",
        "description": "첫 장이다.",
        "part_of": {"name": "App 문서", "title": "문서"},
    } == made(site, f"{APP}/1").meta
    assert "- **[1 하나](1.md){ #1 }**  \n    첫 장이다.\n" in made(site, f"{APP}/index").text


def test_links_within_a_document_lead_to_the_chapters(site: Site) -> None:
    """A section of the same chapter is an anchor, another chapter its page, and code is no link."""
    text = made(site, f"{APP}/1").text

    assert "[1장](1.md" in text
    assert "[2장](2.md" in text
    assert "[2.1절](2.md#2-1" in text
    assert "[규칙](../../rules/IMG002.md)" in text
    assert "`[코드](#2-1)`" in text
    assert "[2.1절](#2-1" in made(site, f"{APP}/2").text


def test_links_from_elsewhere_lead_to_the_chapters(site: Site) -> None:
    """Other documents and other pages lead to the chapter or the overview, without a stop on the way."""
    assert "[App 문서](../k8s_app_architecture/index.md)" in made(site, f"{DEPLOY}/1").text
    assert "[App 문서 2.1절](../k8s_app_architecture/2.md#2-1" in made(site, f"{DEPLOY}/1").text
    assert "[App 문서 2장](arch/k8s_app_architecture/2.md " in made(site, "index").text
    assert "[여기](arch/k8s_app_architecture/index.md#map)" in made(site, "index").text


def test_programs_are_led_to_what_they_have(site: Site) -> None:
    """A plain page leads to the plain chapters, and to the whole document where the site has its overview."""
    assert "[여기](arch/k8s_app_architecture.md#map)" in made(site, "index", "plain").text
    assert "[App 문서 2.1절](../k8s_app_architecture/2.md#2-1" in made(site, f"{DEPLOY}/1", "plain").text


def test_the_overview_keeps_what_stands_before_the_chapters(site: Site) -> None:
    """Introduction, list of chapters, then the sections that belong to none."""
    lines = [line for line in made(site, f"{APP}/index").text.split("\n") if line.startswith("#")]

    assert ["# 문서", "## 장 {#chapters}", "## 지도 {#map}"] == lines


def test_the_overview_knows_where_each_section_went(site: Site) -> None:
    """Each section's link stands under its own id; the theme's script gets the same as a map."""
    page = made(site, f"{APP}/index")

    assert "[2.1 안](2.md#2-1){ #2-1 }" in page.text
    assert {"1": [], "2": ["2-1"]} == page.meta["moved"]


def test_the_page_for_printing_is_whole(site: Site) -> None:
    """All sections on one page, whose links among each other stay on it; it is kept from search engines."""
    page = made(site, f"{APP}/print")

    assert "## 1 하나 {#1}" in page.text
    assert "[2.1절](#2-1" in page.text
    assert "[규칙](../../rules/IMG002.md)" in page.text
    assert ("noindex", {"exclude": True}) == (page.meta["robots"], page.meta["search"])


def test_a_box_to_tick_is_a_drawn_one_on_paper(tmp_path: Path) -> None:
    """A control would have no name there; the chapter keeps it."""
    pages = [a_page(f"{TEXT}\n- [ ] 했다\n", APP, language, title="문서") for language in LANGUAGES]
    write_snippet(tmp_path, "snippets/a.sh", "# 주석\n## 주석 {#x}\n")
    site = a_site(tmp_path, *pages, rules=(a_rule(section="2-1"),))

    boxes = [re.findall(".*했다", made(site, f"{APP}/{part}").text) for part in ("print", "2")]
    assert [["- ☐ 했다"], ["- [ ] 했다"]] == boxes
