"""The fleet as one static page: no script, nothing fetched, every text of a repository escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files

from apparch.catalogue.model import Language, Text
from apparch.fleet.affected import Affected
from apparch.fleet.details import Names, details, link, said
from apparch.fleet.model import Fleet, Row
from apparch.fleet.text import CONCERNS, affected_total
from apparch.fleet.words import COLUMNS, cells, totals

TITLE = Text(ko="레포 현황", en="The repos and their template")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Whatever a repository is called, the page runs nothing and asks nobody."""


def as_page(
    fleet: Fleet, names: Names, language: Language, found: Sequence[Affected] | None = None, by: str = ""
) -> str:
    """The whole page; whom a change concerns stands before the table where that was asked."""
    style = (files("apparch.fleet") / "page.css").read_text("utf-8")
    return "".join(
        [
            f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
            '<meta name="color-scheme" content="light dark">\n',
            f"<title>{said(TITLE[language])}</title>\n<style>\n{style}</style>\n</head>\n<body>\n",
            *_head(fleet, language),
            "<main>\n",
            *(_affected(fleet, found, by, language) if found is not None else ()),
            *_table(fleet, language),
            *(part for at, row in enumerate(fleet.rows) for part in details(row, at, fleet, names, language)),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _head(fleet: Fleet, language: Language) -> Iterator[str]:
    newest, day = fleet.versions.newest.version, fleet.today.isoformat()
    told = f"{day}, 가장 새 템플릿 {newest}" if language == "ko" else f"{day}, newest template {newest}"
    yield f"<header>\n<h1>{said(TITLE[language])}</h1>\n<p>{said(told)}</p>\n<ul class=totals>\n"
    for part in totals(fleet, language):
        yield f"<li>{said(part)}</li>\n"
    yield "</ul>\n</header>\n"


def _affected(fleet: Fleet, found: Sequence[Affected], by: str, language: Language) -> Iterator[str]:
    places = {row.name: at for at, row in enumerate(fleet.rows)}
    yield f"<section class=affected>\n<h2>{said(affected_total(found, by, language))}</h2>\n<dl>\n"
    for each in found:
        yield f'<dt><a href="#r{places[each.name]}">{said(each.name)}</a></dt>\n'
        for reason in each.reasons:
            concern = CONCERNS[reason.concern][language]
            yield f"<dd><b class={reason.concern}>{said(concern)}</b> {said(reason.told[language])}</dd>\n"
    yield "</dl>\n</section>\n"


def _table(fleet: Fleet, language: Language) -> Iterator[str]:
    head = "".join(f"<th scope=col>{said(column[language])}</th>" for column in COLUMNS)
    yield f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n"
    for at, row in enumerate(fleet.rows):
        name, *rest = cells(row, language)
        yield f'<tr class="{_state(row)}" id="t{at}"><th scope=row>{link(f"#r{at}", name)}</th>'
        if row.unread:
            yield f"<td colspan={len(rest)} class=bad>{said(rest[0])}</td></tr>\n"
            continue
        marks = _marks(row)
        for column, cell, mark in zip(COLUMNS[1:], rest, marks, strict=True):
            yield f'<td data-label="{said(column[language])}"{f" class={mark}" if mark else ""}>{said(cell)}</td>'
        yield "</tr>\n"
    yield "</tbody>\n</table>\n"


def _state(row: Row) -> str:
    return "unread" if row.unread else "clean" if row.clean else "open"


def _marks(row: Row) -> tuple[str, ...]:
    """How each cell behind the name is marked: bad, something to look at, or not at all."""
    template = row.template
    behind = "bad" if template.must else "look" if template.state in ("behind", "unknown") else ""
    findings = "bad" if row.findings("MUST") else "look" if any(each.new for each in row.counts) else ""
    unknown = any(each.state == "unknown" for each in row.contracts)
    contract = "bad" if row.disagreements else "look" if unknown else ""
    return ("", "", behind, findings, "", contract, "")
