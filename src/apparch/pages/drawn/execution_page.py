"""The page "What execution found": defects of the version before, the rulings that answered them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apparch.catalogue import Language, Text
from apparch.pages.drawn.captions import source_file
from apparch.pages.drawn.filter_form import form
from apparch.pages.drawn.markdown_table import table
from apparch.pages.drawn.tests_told import linked
from apparch.pages.written.links import relative
from apparch.pages.written.markup import boxed
from apparch.pages.written.sections import number
from apparch.pages.written.site import Page, Site

ID, TITLE, RULES = Text("ID", "ID"), Text("제목", "Title"), Text("규칙", "Rules")
FOUND, NOW = Text("실행 결과", "When it ran"), Text("지금", "Now")
SNIPPET, PREVENTED = Text("스니펫", "Snippet"), Text("막는 테스트", "Prevented by")
WAS, IS, WHY = Text("이전", "Was"), Text("지금", "Is"), Text("이유", "Why")
FILTERS = {
    "defects": Text("결함 걸러 보기", "Filter the defects"),
    "rulings": Text("판정 걸러 보기", "Filter the rulings"),
}
SHOWN = 4
"""Tests of a defect's rules that are named; further ones are counted."""
MORE = Text(" 외 {}개", " and {} more")


def findings(page: Page, site: Site) -> list[str]:
    """Every defect: its evidence, what is published now, the rule, the snippet, the tests that now prevent it."""
    entries = (site.findings or {}).get("findings", [])
    lines = _index(entries, "defects", page)
    for entry in entries:
        lines += _finding(entry, page, site)
    return lines


def rulings(page: Page, site: Site) -> list[str]:
    """Every change from the version before: what it was, what it is, why."""
    language = page.language
    entries = (site.findings or {}).get("rulings", [])
    lines = _index(entries, "rulings", page)
    for entry in entries:
        places = ", ".join(f"[[{p['document']}.md]] {number(p['section'])}" for p in entry["sections"])
        lines += [
            *_heading(entry, language),
            places,
            "",
            f"- **{WAS[language]}** {_flat(entry['was'], language)}",
            f"- **{IS[language]}** {_flat(entry['is'], language)}",
            f"- **{WHY[language]}** {_flat(entry['why'], language)}",
            *_rules(entry, language),
            "",
        ]
    return lines


def _index(entries: Sequence[Mapping[str, Any]], name: str, page: Page) -> list[str]:
    """What there is, each with its address on the page and its rules; on the site it can be filtered."""
    language = page.language
    rows = (
        [
            f"[{entry['id']}](#{entry['id'].lower()})",
            _flat(entry["title"], language),
            ", ".join(entry.get("rules", [])),
        ]
        for entry in entries
    )
    lines = table([text[language] for text in (ID, TITLE, RULES)], rows)
    field = form([], language, name, FILTERS[name]) if page.flavour == "site" else []
    return boxed([*field, *lines], "filtered", page.flavour, searched=False)


def _heading(entry: Mapping[str, Any], language: Language) -> list[str]:
    return [f"### {entry['id']} {_flat(entry['title'], language)} {{#{entry['id'].lower()}}}", ""]


def _finding(entry: Mapping[str, Any], page: Page, site: Site) -> list[str]:
    language = page.language
    snippets = [f"[{path}]({relative(page.name, source_file(path))})" for path in entry.get("snippets", [])]
    return [
        *_heading(entry, language),
        f"[[k8s_app_architecture.md]] {number(entry['section'])}",
        "",
        f"- **{FOUND[language]}** {_flat(entry['found'], language)}",
        f"- **{NOW[language]}** {_flat(entry['now'], language)}",
        *_rules(entry, language),
        *([f"- **{SNIPPET[language]}** {', '.join(snippets)}"] if snippets else []),
        *_prevented(entry, page, site),
        "",
    ]


def _prevented(entry: Mapping[str, Any], page: Page, site: Site) -> list[str]:
    proofs = [proof for rule in entry["rules"] for proof in site.proofs.rules.get(rule, ())]
    tests = sorted({proof.test.partition("[")[0] for proof in proofs})
    if not tests:
        return []
    shown = [f"    - {linked(test, page, site)}" for test in tests[:SHOWN]]
    more = MORE[page.language].format(len(tests) - SHOWN) if len(tests) > SHOWN else ""
    return [f"- **{PREVENTED[page.language]}**{more}", *shown]


def _rules(entry: Mapping[str, Any], language: Language) -> list[str]:
    return [f"- **{RULES[language]}** {', '.join(entry['rules'])}"] if entry.get("rules") else []


def _flat(text: Mapping[str, str], language: Language) -> str:
    return " ".join(text[language].split())
