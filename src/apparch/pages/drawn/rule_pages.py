"""The page that each rule has in each language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apparch.catalogue import LANGUAGES, Language, Rule, Text
from apparch.pages.drawn import citation, legend, rule_examples, rule_history, rule_proof, rule_surroundings, rule_use
from apparch.pages.drawn.labels import OWNERS
from apparch.pages.written.markup import Flavour, boxed
from apparch.pages.written.site import Page, Site

WHY = Text("왜 중요한가", "Why it matters")
EXAMPLES = Text("어긴 예와 지킨 예", "Examples")
BAD = Text("어긴 예", "Breaks the rule")
FINDING = Text("검사기의 지적", "What the checker says")
GOOD = Text("지킨 예", "Keeps the rule")
REPAIR = Text("어긴 것을 고치는 법", "How to repair a breach")


def rule_pages(site: Site, flavour: Flavour = "site") -> list[Page]:
    """A page for every rule of the catalogue, in both languages."""
    return [_page(rule, language, site, flavour) for rule in site.catalogue.rules.values() for language in LANGUAGES]


def _page(rule: Rule, language: Language, site: Site, flavour: Flavour) -> Page:
    title = f"{rule.id} {rule.title[language]}"
    summary = " ".join(rule.statement[language].split())
    meta: dict[str, Any] = {"title": title, "description": summary, "rule": rule.id}
    meta["family"] = _family(rule, language, site)
    if site.origin:
        meta["edit"] = site.origin.edit(rule_surroundings.source(rule))
        meta["report"] = site.origin.report(f"{rule.id}: ")
    page = Page(f"rules/{rule.id}", language, "", meta, flavour=flavour)
    return replace(page, text="\n".join(_lines(rule, page, site)))


def _family(rule: Rule, language: Language, site: Site) -> dict[str, Any]:
    """What stands where other pages have the navigation."""
    family = next(family for family in site.catalogue.families if family.id == rule.id[:3])
    rules = [{"id": member.id, "title": member.title[language]} for member in family.rules]
    return {"id": family.id, "title": family.title[language], "rules": rules}


def _lines(rule: Rule, page: Page, site: Site) -> list[str]:
    """What, why, how it looks, how to repair, check and waive it; then its proof, its surroundings, its history."""
    language, flavour = page.language, page.flavour
    lines = [
        f"# {rule.id} {rule.title[language]}",
        "",
        _facts(rule, language, site, flavour),
        "",
        *boxed([" ".join(rule.statement[language].split())], "rule-statement", flavour),
        "",
        *rule_surroundings.retired(rule, language),
        f"## {WHY[language]} {{#why}}",
        "",
        rule.reason[language],
        "",
        *_examples(rule, language, site),
        f"## {REPAIR[language]} {{#repair}}",
        "",
        rule.repair[language],
        "",
        *rule_use.check(rule, language, site),
        *rule_use.applies(rule, language),
        *rule_use.waive(rule, language, site),
        *rule_proof.proof(rule, page, site),
        *rule_proof.breaches(rule, page, site),
        *rule_surroundings.cited(rule, language, site),
        *rule_surroundings.found(rule, language, site),
        *rule_surroundings.related(rule, language, site),
        *rule_history.history(rule, language, site),
        *rule_surroundings.links(rule, language, site),
        *rule_surroundings.neighbours(rule, language, site, flavour),
    ]
    return "\n".join(lines).split("\n")


def _facts(rule: Rule, language: Language, site: Site, flavour: Flavour) -> str:
    """What is known of the rule at a glance, and on the site how to cite it."""
    family = next(family for family in site.catalogue.families if family.id == rule.id[:3])
    since = f"{rule.since}부터" if language == "ko" else f"since {rule.since}"
    facts = [OWNERS[rule.owner][language], family.title[language], since]
    if flavour == "plain":
        return " · ".join([rule.level, *facts])
    return (
        f'<p class="rule-facts">{legend.level(rule.level, flavour)} '
        f"{' '.join(f'<span>{fact}</span>' for fact in facts)} "
        f"{citation.buttons(rule, language, site)}</p>"
    )


def _examples(rule: Rule, language: Language, site: Site) -> list[str]:
    """Where the rule's examples are drawn, if it has some; their code would drown what a search looks for."""
    examples = site.examples.get(rule.id, ())
    if not examples:
        return []
    lines = [f"## {EXAMPLES[language]} {{#examples}}", ""]
    for part, title in (("bad", BAD), ("finding", FINDING), ("good", GOOD)):
        hidden = "" if part == "finding" else " data-search-exclude"
        lines += [f"### {title[language]} {{#{part}{hidden}}}", "", f"[[example: {rule.id} {part}]]", ""]
    return lines + ([f"[[example: {rule.id} others]]", ""] if rule_examples.has_others(examples) else [])
