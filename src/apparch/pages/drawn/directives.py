"""The directives that a page may hold on a line of its own, each drawn from data."""

from __future__ import annotations

import re
from collections.abc import Callable

from apparch.catalogue import Rule
from apparch.pages.drawn import (
    benchmark_tables,
    clone_command,
    commands,
    contract_table,
    coverage,
    decision_form,
    execution_page,
    glossary,
    image_interface,
    legend,
    policy_changes,
    reading_paths,
    rule_examples,
    rule_index,
    status,
)
from apparch.pages.drawn.labels import COLUMNS, OWNERS
from apparch.pages.drawn.markdown_table import table
from apparch.pages.drawn.release_flow import matrix_table
from apparch.pages.drawn.vendors import vendors
from apparch.pages.errors import PageError
from apparch.pages.written.links import WIKI
from apparch.pages.written.sections import number
from apparch.pages.written.site import Page, Site

DIRECTIVE = re.compile(r"\[\[(?P<name>[a-z][a-z-]*)(?:: *(?P<words>[^|\]]*?))?(?: *\| *(?P<columns>[a-z ]+?))? *\]\]")
DEFAULT_COLUMNS = "id level statement"


def match(line: str) -> re.Match[str] | None:
    """The directive on a line, if the line is one."""
    return DIRECTIVE.fullmatch(line.strip())


def render(directive: re.Match[str], page: Page, site: Site) -> list[str]:
    """The Markdown lines that stand in a directive's place.

    Raises:
        PageError: there is no such directive, or its words name no rule or column.
    """
    name = directive.group("name")
    if name not in RENDERERS:
        raise PageError(f"[[{name}]]: no such directive; there are {', '.join(sorted(RENDERERS))}")
    return RENDERERS[name](directive, page, site)


def _rules(directive: re.Match[str], page: Page, site: Site) -> list[str]:
    ids = (directive.group("words") or "").split()
    columns = (directive.group("columns") or DEFAULT_COLUMNS).split()
    unknown = [column for column in columns if column not in COLUMNS]
    if unknown:
        raise PageError(f"[[rules]]: no column {unknown[0]}; there are {', '.join(COLUMNS)}")
    if not ids:
        raise PageError("[[rules: ...]] needs the IDs of its rules")
    if "id" not in columns:
        columns = ["id", *columns]
    missing = [rule for rule in ids if rule not in site.catalogue.rules]
    if missing:
        raise PageError(f"{missing[0]}: no such rule in the catalogue; correct the ID or add the rule")
    rules = [site.catalogue.rules[rule] for rule in ids]
    header = [COLUMNS[column][page.language] for column in columns]
    return table(header, ([_cell(rule, column, page, site) for column in columns] for rule in rules))


def _cell(rule: Rule, column: str, page: Page, site: Site) -> str:
    return {
        "id": rule.id,
        "level": legend.level(rule.level, page.flavour),
        "owner": OWNERS[rule.owner][page.language],
        "proof": status.badge(rule, page.language, site, page.flavour),
        "title": f"**{rule.title[page.language]}**",
        "statement": rule.statement[page.language],
        "reason": rule.reason[page.language],
        "repair": rule.repair[page.language],
    }[column]


def _glossary(directive: re.Match[str], page: Page, site: Site) -> list[str]:
    """A table, or with the word `entries` a heading a term."""
    words = (directive.group("words") or "").strip()
    if words not in ("", "entries"):
        raise PageError(f"[[glossary: {words}]]: nothing but `entries` may stand there")
    return (glossary.as_entries if words else glossary.as_table)(page, site)


def _crossrefs(directive: re.Match[str], page: Page, site: Site) -> list[str]:
    """Which sections of this document name which sections of another (main and Deploy appendix A, App appendix A)."""
    only = (directive.group("words") or "").strip()
    rows: dict[tuple[str, str], None] = {}
    for section in page.sections:
        if not section.id or section.id[0] == "a":
            continue
        for link in WIKI.finditer(section.text):
            other = link.group("document")
            if other and link.group("section") and other != page.document and only in ("", other):
                rows[(f"[[{number(section.id)}]]", link.group())] = None
    header = ["이 문서", "연결되는 곳"] if page.language == "ko" else ["This document", "Leads to"]
    return table(header, ([own, other] for own, other in rows))


def _contract(_: re.Match[str], page: Page, site: Site) -> list[str]:
    """What the reference repositories promise each other (App document A.2), compared as `apparch contract` does."""
    return table(contract_table.header(page.language), contract_table.rows(site.contract, page.language))


def _release_matrix(_: re.Match[str], page: Page, site: Site) -> list[str]:
    """Trigger by tag by result (App document 4.2), from the file whose every row the release tests execute."""
    return ["", *matrix_table(site.release_matrix, page.language), ""]


def _limits(_: re.Match[str], page: Page, site: Site) -> list[str]:
    """What the tests' stand-in cluster does not do, a sentence each."""
    return ["", *(f"- {each[page.language]}" for each in site.limits), ""]


RENDERERS: dict[str, Callable[[re.Match[str], Page, Site], list[str]]] = {
    "rules": _rules,
    "benchmark": lambda directive, page, site: benchmark_tables.table_of(directive.group("words") or "", page, site),
    "coverage": lambda directive, page, site: coverage.render(directive.group("words") or "", page, site),
    "command": lambda directive, _, site: commands.render(directive.group("words") or "", site),
    "contract": _contract,
    "example": lambda directive, page, site: rule_examples.render(directive.group("words") or "", page, site),
    "paths": lambda _, page, site: reading_paths.draw(page, site),
    "release-matrix": _release_matrix,
    "limits": _limits,
    "changes": lambda _, page, site: policy_changes.changes(page),
    "levels": lambda _, page, site: legend.levels(page),
    "families": lambda directive, page, site: legend.families(page, site, directive.group("words") or ""),
    "proof-kinds": lambda _, page, site: legend.proof_kinds(page),
    "interface": lambda directive, page, site: image_interface.links(
        (directive.group("columns") or "").split(), page, site
    ),
    "rule-index": lambda _, page, site: rule_index.index(page, site),
    "glossary": _glossary,
    "clone": lambda _, page, site: clone_command.commands(page, site),
    "decision": lambda _, page, site: decision_form.form(page, site),
    "owned-files": lambda _, page, site: decision_form.files(page, site),
    "crossrefs": _crossrefs,
    "findings": lambda _, page, site: execution_page.findings(page, site),
    "rulings": lambda _, page, site: execution_page.rulings(page, site),
    "ledger": lambda _, page, site: status.ledger(page, site),
    "vendors": lambda _, page, site: vendors(page, site),
    "totals": lambda _, page, site: status.totals(page, site),
}
