"""The glossary: as a table within a document, and as a page on which each term has an address."""

from __future__ import annotations

import re

from apparch.catalogue import LANGUAGES, Text
from apparch.pages.drawn.markdown_table import table
from apparch.pages.errors import PageError
from apparch.pages.written.site import Page, Site, Term

HEADER = Text("용어", "Term"), Text("뜻", "Meaning")
OTHER = {"ko": "영어로는", "en": "In Korean:"}
ALSO = {"ko": "달리 부르는 말:", "en": "Also called:"}
REJECTED = {"ko": "이 문서에서 쓰지 않는 말:", "en": "Not used in these documents:"}


def as_table(page: Page, site: Site) -> list[str]:
    """The terms that have a definition, sorted as the language sorts."""
    meanings = sorted(site.terms[page.language].items(), key=lambda entry: entry[0].casefold())
    return table([text[page.language] for text in HEADER], ([f"**{term}**", meaning] for term, meaning in meanings))


def as_entries(page: Page, site: Site) -> list[str]:
    """Each term under a heading of its own, with the other language's word and the words that are not used for it.

    Raises:
        PageError: two terms have one address.
    """
    language = page.language
    other = next(each for each in LANGUAGES if each != language)
    terms = [term for term in site.glossary if term.definition]
    addresses: set[str] = set()
    lines: list[str] = []
    for term in sorted(terms, key=lambda each: each.term[language].casefold()):
        own = address(term)
        if own in addresses:
            raise PageError(f"docs/glossary.yaml: {term.term.en}: another term has the address {own}")
        addresses.add(own)
        lines += [f"## {term.term[language]} {{#{own}}}", "", _flat(term.definition, page), ""]
        word = f'<span lang="{other}">{term.term[other]}</span>'
        said = [f"{OTHER[language]} {word}."] if term.term[other] != term.term[language] else []
        if also := term.also.get(language):
            said.append(f"{ALSO[language]} {', '.join(also)}.")
        if rejected := term.rejected.get(language):
            said.append(f"{REJECTED[language]} {', '.join(rejected)}.")
        lines += [" ".join(said), ""] if said else []
    return ["", *lines]


def address(term: Term) -> str:
    """A term's id on the glossary's page, the same in both languages."""
    return re.sub(r"[^a-z0-9]+", "-", term.term.en.lower()).strip("-")


def _flat(definition: Text | None, page: Page) -> str:
    return " ".join(definition[page.language].split()) if definition else ""
