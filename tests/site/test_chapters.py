"""Whether every section that was published once is still found at its address, on whichever page it stands."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from urllib.parse import urljoin

import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
PUBLISHED: dict[str, list[str]] = yaml.safe_load((ROOT / "docs/published.yaml").read_text("utf-8"))["sections"]
DOCUMENTS = {f"/{prefix}{name}/": PUBLISHED[name] for name in PUBLISHED for prefix in ("", "en/") if "arch/" in name}


@lru_cache(None)
def read(built: Path, address: str) -> BeautifulSoup:
    """The built page at an address of the site."""
    return BeautifulSoup((built / address.strip("/") / "index.html").read_text("utf-8"), "lxml")


def is_section(element: Tag | None) -> bool:
    """Whether an element is a section itself, and no link to one."""
    return element is not None and element.name in {"h1", "h2", "h3", "h4"}


@pytest.mark.parametrize("page", sorted(PUBLISHED))
def test_a_published_section_is_at_its_address_without_scripts(built: Path, page: str) -> None:
    """Every id of the list is at its old address in both languages: the section, or a link that leads to it."""
    lost = []
    for prefix in ("", "en/"):
        address = f"/{prefix}{page.removesuffix('index')}".removesuffix("/") + "/"
        soup = read(built, address)
        for section in PUBLISHED[page]:
            found = soup.find(id=section)
            if found is not None and found.name == "a":
                target, _, anchor = urljoin(address, str(found["href"])).partition("#")
                found = read(built, target).find(id=anchor) if anchor else read(built, target).h1
                found = found if found is not None and found["id"] == section else None
            if not is_section(found):
                lost.append(f"{address}#{section}")

    assert [] == lost


@pytest.mark.parametrize("address", DOCUMENTS)
def test_scripts_follow_the_link_of_every_section(built: Path, address: str) -> None:
    """The map in an overview's head leads each id to the page that the link with that id leads to."""
    soup = read(built, address)
    script = next(text for each in soup.find_all("script") if "const chapters" in (text := str(each.string)))
    chapters = json.loads(script.partition("const chapters = ")[2].partition("\n")[0])
    places = {section: chapter for chapter, below in chapters.items() for section in (chapter, *below)}

    linked = {
        str(link["id"]): str(link["href"]).partition("/")[0].removeprefix("./")
        for link in soup.select(".chapters a[id]")
    }

    assert linked == places
    assert places.keys() <= {*DOCUMENTS[address]}


@pytest.fixture(scope="module")
def opened(browser: Browser, address: str) -> Page:
    """A page of a browser that runs scripts."""
    return browser.new_context(base_url=address).new_page()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/arch/k8s_app_architecture/#6-4-breaker", "/arch/k8s_app_architecture/6/#6-4-breaker"),
        ("/en/arch/k8s_app_architecture/#a", "/en/arch/k8s_app_architecture/a/#a"),
        ("/arch/k8s_architecture/#0", "/arch/k8s_architecture/0/#0"),
        ("/en/arch/k8s_sub_architecture/#3-1-1", "/en/arch/k8s_sub_architecture/3/#3-1-1"),
        ("/arch/k8s_app_architecture/#reading", "/arch/k8s_app_architecture/#reading"),
    ],
)
def test_an_address_of_before_opens_the_section(opened: Page, address: str, old: str, new: str) -> None:
    """A browser that is given a section's old address ends at the section, and back leads where the reader was."""
    opened.goto("/404.html")
    opened.goto(old)
    opened.wait_for_url(f"{address}{new}", timeout=30000)

    assert opened.evaluate("document.querySelector(':target').matches('h1, h2, h3, h4')")
    opened.go_back()
    assert f"{address}/404.html" == opened.url


def test_the_whole_document_is_for_printing_alone(built: Path) -> None:
    """A document's whole page has every section, and is in neither the sitemap nor the search nor the navigation."""
    soup = read(built, "/arch/k8s_app_architecture/print/")
    robots = soup.select_one("meta[name=robots]")

    assert [] == [
        section for section in PUBLISHED["arch/k8s_app_architecture"] if not is_section(soup.find(id=section))
    ]
    assert robots is not None
    assert "noindex" == robots["content"]
    assert [] == soup.select("nav.md-nav--primary, .md-header, .md-footer")
    assert "/print/" not in (built / "sitemap.xml").read_text("utf-8")
    assert "/print/" not in (built / "search/search_index.json").read_text("utf-8")


def test_a_chapter_leads_to_the_ones_beside_it(built: Path) -> None:
    """Each chapter has the previous and the next one as links, and the navigation of its own document alone."""
    soup = read(built, "/arch/k8s_app_architecture/4/")

    assert ["../3/", "../5/"] == [link["href"] for link in soup.select("a.md-footer__link")]
    assert soup.select_one('.md-sidebar--primary a[href="../9/"]')
    assert not soup.select_one('.md-sidebar--primary a[href*="k8s_sub_architecture/2"]')
