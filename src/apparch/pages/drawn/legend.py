"""What a reader has to know before the first rule ID: the levels, the families, the kinds of proof."""

from __future__ import annotations

from apparch.catalogue import Family, Text
from apparch.pages.drawn.labels import LEVEL, LEVELS, MEANS, PROOF, RAN
from apparch.pages.drawn.markdown_table import table
from apparch.pages.written.markup import Flavour, styled
from apparch.pages.written.sections import number
from apparch.pages.written.site import DOCUMENTS, Page, Site

SUBJECT, SECTIONS, COUNT = Text("주제", "Subject"), Text("절", "Sections"), Text("규칙 수", "Rules")
DOCUMENT, QUESTION = Text("문서", "Document"), Text("리뷰어에게 묻는 질문", "a question for reviewers")
KINDS = {**RAN, "review": QUESTION}
FAMILY, MEANING = Text("ID", "ID"), Text("뜻", "Meaning")


def levels(page: Page) -> list[str]:
    """Each level with what a breach of it means in a review."""
    language = page.language
    return table(
        [LEVEL[language], MEANING[language]],
        ([level(each, page.flavour), meaning[language]] for each, meaning in LEVELS.items()),
    )


def level(name: str, flavour: Flavour) -> str:
    """A level in its own colour."""
    return styled(name, f"level level-{name.lower()}", flavour)


def proof_kinds(page: Page) -> list[str]:
    """Each kind of proof with what it says of a rule, what shows most first."""
    language = page.language
    return table(
        [PROOF[language], MEANING[language]],
        ([f"**{KINDS[kind][language]}**", meaning[language]] for kind, meaning in MEANS.items()),
    )


def families(page: Page, site: Site, which: str = "") -> list[str]:
    """The families of the page's document: what their IDs begin with, their subject, where their rules are.

    Of `all` documents each is led to on the index of rules, with the document that its rules are in.
    """
    if which == "all":
        return _all_families(page, site)
    language = page.language
    return table(
        [text[language] for text in (FAMILY, SUBJECT, SECTIONS, COUNT)],
        (
            [f"**{family.id}**", family.title[language], _sections(family, page), str(len(family.rules))]
            for family in site.catalogue.families
            if family.document == page.document
        ),
    )


def _all_families(page: Page, site: Site) -> list[str]:
    language = page.language
    return table(
        [text[language] for text in (FAMILY, SUBJECT, DOCUMENT, COUNT)],
        (
            [
                f"[**{family.id}**](#{family.id.lower()})",
                family.title[language],
                DOCUMENTS[family.document][language],
                str(len(family.rules)),
            ]
            for family in site.catalogue.families
        ),
    )


def _sections(family: Family, page: Page) -> str:
    homes = {rule.section for rule in family.rules}
    order = [section.id for section in page.sections if section.id in homes]
    return ", ".join(f"[[{number(section)}]]" for section in dict.fromkeys(order))
