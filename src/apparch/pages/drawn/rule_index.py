"""The index of all rules: a table a family, and the form that filters them."""

from __future__ import annotations

from collections.abc import Sequence

from apparch.app.languages import LANGUAGES
from apparch.catalogue import Language, Rule, Text
from apparch.pages.drawn import legend, status
from apparch.pages.drawn.filter_form import Facet, facets_of, form
from apparch.pages.drawn.labels import COLUMNS, LANGUAGE_NAMES, LEVEL, LEVELS, OWNER, OWNERS, PROOF, RAN
from apparch.pages.drawn.markdown_table import table
from apparch.pages.written.markup import boxed
from apparch.pages.written.site import DOCUMENTS, Page, Site

FAMILY, DOCUMENT, WRITTEN_IN = Text("계열", "Family"), Text("문서", "Document"), Text("앱의 언어", "App's language")
HEADER = ("id", "level", "title", "owner", "proof")
OTHERWISE = {"review": status.WORDS["review"], "none": Text("이 빌드에 없음", "none in this build")}


def index(page: Page, site: Site) -> list[str]:
    """Every rule by family; on the site the rows can be filtered."""
    lines: list[str] = form(_facets(page.language, site), page.language) if page.flavour == "site" else []
    for family in site.catalogue.families:
        lines += [f"## {family.id} · {family.title[page.language]} {{#{family.id.lower()}}}"]
        lines += table(
            [COLUMNS[column][page.language] for column in HEADER], (_row(rule, page, site) for rule in family.rules)
        )
    return boxed(lines, "filtered rule-index", page.flavour)


def values(rule: Rule, site: Site) -> dict[str, Sequence[str]]:
    """What a rule is found by in each facet; a rule for any language is found by each of them."""
    languages = rule.applies.languages if rule.owner == "app" else ()
    return {
        "family": [rule.id[:3]],
        "level": [rule.level],
        "owner": [rule.owner],
        "proof": proofs(rule, site),
        "document": [rule.document],
        "language": languages or [each.name for each in LANGUAGES],
    }


def proofs(rule: Rule, site: Site) -> list[str]:
    """The kinds of the rule's proof in this build, `review` for a question, or `none`."""
    standing = status.status(rule, site)
    if standing in ("proved", "asserted"):
        return list(site.proofs.kinds(rule.id))
    return ["review" if standing == "review" else "none"]


def _facets(language: Language, site: Site) -> list[Facet]:
    families = {each.id: f"{each.id} · {each.title[language]}" for each in site.catalogue.families}
    kinds = {**RAN, **OTHERWISE}
    written = {each.name: LANGUAGE_NAMES.get(each.name, each.name) for each in LANGUAGES}
    return [
        Facet("family", FAMILY, families),
        Facet("level", LEVEL, {level: level for level in LEVELS}),
        Facet("owner", OWNER, {owner: text[language] for owner, text in OWNERS.items()}),
        Facet("proof", PROOF, {kind: text[language] for kind, text in kinds.items()}),
        Facet("document", DOCUMENT, {name: text[language] for name, text in DOCUMENTS.items()}),
        Facet("language", WRITTEN_IN, written),
    ]


def _row(rule: Rule, page: Page, site: Site) -> list[str]:
    words = " ".join([*rule.aliases[page.language], " ".join(rule.statement[page.language].split())])
    data = facets_of(values(rule, site), words) if page.flavour == "site" else ""
    return [
        f"{rule.id}{data}",
        legend.level(rule.level, page.flavour),
        rule.title[page.language],
        OWNERS[rule.owner][page.language],
        status.badge(rule, page.language, site, page.flavour),
    ]
