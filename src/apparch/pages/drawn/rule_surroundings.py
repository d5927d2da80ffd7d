"""What stands around a rule: who speaks of it, what was found about it, its relatives, history and neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from apparch.catalogue import Language, Rule, Text
from apparch.catalogue.model import RULE_ID
from apparch.pages.written.links import section_name
from apparch.pages.written.markup import Flavour
from apparch.pages.written.sections import number
from apparch.pages.written.site import DOCUMENTS, Site

CITED = Text("문서에서 다루는 곳", "Where the documents speak of it")
FOUND = Text("실행이 찾아낸 것", "What execution found about it")
DEFECT, RULING = Text("결함", "Defect"), Text("판정", "Ruling")
RELATED = Text("관련 규칙", "Related rules")
SIBLINGS = 6
"""Rules of the same family and section that are named."""
RETIRED = Text("폐기된 규칙이다. 대신하는 규칙: {}", "This rule is retired. Its successor: {}")
CORRECT = Text("이 규칙이 틀렸다면", "If this rule is wrong")
CORRECT_LEAD = Text(
    "[문장을 고쳐 제안]({edit})하거나 [잘못을 알린다]({report}). "
    "규칙의 문장과 이유와 증명은 풀 리퀘스트 하나에서 함께 바꾼다.",
    "[Propose another sentence]({edit}) or [report the fault]({report}). A rule changes in one pull request with its "
    "sentence, its reason and its proof.",
)
PREVIOUS, NEXT = Text("이전 규칙", "Previous rule"), Text("다음 규칙", "Next rule")
NEIGHBOURS = Text("이전 규칙과 다음 규칙", "Previous and next rule")


def retired(rule: Rule, language: Language) -> list[str]:
    """What replaced it; nothing for a rule that holds."""
    return [f"> {RETIRED[language].format(rule.replaced_by)}", ""] if rule.replaced_by else []


def cited(rule: Rule, language: Language, site: Site) -> list[str]:
    """Its home section, then every other section that names it, in reading order."""
    home = f"[[{rule.document}.md]] {number(rule.section)}"
    return [f"## {CITED[language]} {{#cited}}", "", f"- {home}", *_citations(rule, language, site), ""]


def found(rule: Rule, language: Language, site: Site) -> list[str]:
    """The findings and rulings that name it, each leading to its place."""
    entries = site.found_about.get(rule.id, [])
    if not entries:
        return []
    return [f"## {FOUND[language]} {{#found}}", "", *(f"- {_entry(each, language)}" for each in entries), ""]


def related(rule: Rule, language: Language, site: Site) -> list[str]:
    """The rules whose texts name it or that its own name, then some of its own family and section."""
    rules = site.catalogue.rules
    named = [name for name in _named_by(rule) if name in rules]
    namers = [each.id for each in rules.values() if rule.id in _named_by(each)]
    home = (rule.id[:3], rule.section)
    siblings = [each.id for each in rules.values() if (each.id[:3], each.section) == home]
    others = [each for each in siblings if each not in (rule.id, *named, *namers)]
    shown = [each for each in dict.fromkeys([*named, *namers, *others[:SIBLINGS]]) if each != rule.id]
    if not shown:
        return []
    lines = [f"- {each} {rules[each].title[language]}" for each in shown]
    return [f"## {RELATED[language]} {{#related}}", "", *lines, ""]


def links(rule: Rule, language: Language, site: Site) -> list[str]:
    """Where its texts are edited and a fault is reported; nothing where the repository's address is not known."""
    if not site.origin:
        return []
    addresses = {"edit": site.origin.edit(source(rule)), "report": site.origin.report(f"{rule.id}: ")}
    return [f"## {CORRECT[language]} {{#correct}}", "", CORRECT_LEAD[language].format(**addresses), ""]


def neighbours(rule: Rule, language: Language, site: Site, flavour: Flavour) -> list[str]:
    """The rules before and after it in the catalogue."""
    order = list(site.catalogue.rules.values())
    place = order.index(rule)
    around = [(PREVIOUS, "prev", each) for each in order[max(0, place - 1) : place]]
    around += [(NEXT, "next", each) for each in order[place + 1 : place + 2]]
    items = [
        f"[{words[language]}: {each.id} {each.title[language]}]({each.id}.md)"
        + (f'{{ rel="{way}" }}' if flavour == "site" else "")
        for words, way, each in around
    ]
    if flavour == "plain":
        return [f"- {each}" for each in items]
    return [f'<nav class="neighbours" aria-label="{NEIGHBOURS[language]}" markdown>', "", *items, "", "</nav>", ""]


def source(rule: Rule) -> str:
    """The file that a rule's texts stand in, from the repository's root."""
    return f"src/apparch/catalogue/rules/{rule.id[:3]}.yaml"


def _entry(entry: Mapping[str, Any], language: Language) -> str:
    kind = (RULING if "was" in entry else DEFECT)[language]
    title = " ".join(entry["title"][language].split())
    return f"{kind} [{entry['id']} {title}](../start/execution.md#{entry['id'].lower()})"


def _named_by(rule: Rule) -> list[str]:
    texts = [rule.statement.ko, rule.reason.ko, rule.repair.ko]
    texts += [rule.review.question.ko, rule.review.why.ko] if rule.review else []
    return [name for name in _named_in(tuple(texts)) if name != rule.id]


@lru_cache(None)
def _named_in(texts: tuple[str, ...]) -> tuple[str, ...]:
    # Every rule is asked for every page of a rule.
    return tuple(dict.fromkeys(RULE_ID.findall(" ".join(texts))))


def _citations(rule: Rule, language: Language, site: Site) -> list[str]:
    lines = []
    for name, section in site.citations.get(rule.id, []):
        document = name.rpartition("/")[2]
        if document == rule.document and section == rule.section:
            continue
        title = site.section_titles.get((name, language), {}).get(section)
        if title is None:
            continue
        page = DOCUMENTS[document][language] + " " + section_name(section, language) if document in DOCUMENTS else title
        anchor = "" if section == "top" else f"#{section}"
        lines.append(f"- [{page}](../{name}.md{anchor})")
    return lines
