"""The feed of what the editions changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree  # type: ignore[import-untyped]
from tests.pages.small import a_page, a_site

from apparch.catalogue import LANGUAGES, Language
from apparch.catalogue.difference import counted
from apparch.catalogue.editions import steps
from apparch.pages.put_out.feed import feed

ATOM = {"a": "http://www.w3.org/2005/Atom"}
SCHEMA = etree.RelaxNG(etree.parse(str(Path(__file__).parent / "testdata/atom.rng")))
SITE = a_site(Path("no-such-folder"), a_page("", document={"updated": "2026-11-27"}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_feed_is_valid_atom(language: Language) -> None:
    """It keeps to the schema of RFC 4287, and names each of its entries differently."""
    root = etree.fromstring(feed(SITE, language).encode())

    SCHEMA.assertValid(root)
    ids = root.xpath("//a:id/text()", namespaces=ATOM)
    assert len({*ids}) == len(ids)


@pytest.mark.parametrize("broken", ["<updated>2026-11-27</updated>", "<id>here</id>", "<title/><title/>"])
def test_what_atom_forbids_is_noticed(broken: str) -> None:
    """A date without a time, an id that is no address, or two titles are told."""
    tag = broken[1 : broken.index(">")].rstrip("/")
    text = feed(SITE, "en")
    start, end = text.index(f"<{tag}>"), text.index(f"</{tag}>") + len(f"</{tag}>")

    assert not SCHEMA.validate(etree.fromstring((text[:start] + broken + text[end:]).encode()))


def test_each_edition_has_an_entry_with_its_counts() -> None:
    """The newest first; an edition that is not on record yet is dated by its documents."""
    root = etree.fromstring(feed(SITE, "en").encode())

    assert root.xpath("a:entry/a:title/text()", namespaces=ATOM) == [
        f"{new.name}: {counted(changes, 'en')}" for old, new, changes in reversed(steps()) if old
    ]
    assert root.xpath("a:updated/text()", namespaces=ATOM) == ["2026-11-27T00:00:00Z"]


def test_an_entry_leads_to_the_pages() -> None:
    """To the edition's section, and in its content to each changed rule in the feed's language."""
    entry = etree.fromstring(feed(SITE, "ko").encode()).find("a:entry", ATOM)

    assert entry is not None
    assert entry.find("a:link", ATOM).get("href") == "https://apparch.example/rules/changes/#v3-1-0"
    assert '<a href="https://apparch.example/rules/ENV013/">ENV013</a> MUST: ' in entry.findtext("a:content", "", ATOM)
