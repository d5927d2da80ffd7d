"""The fleet for a terminal: a table whose columns line up in both languages, then whom a change concerns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from apparch.catalogue.model import Language, Text
from apparch.fleet.affected import Affected
from apparch.fleet.model import Fleet
from apparch.fleet.words import COLUMNS, cells, totals, update
from apparch.repository.safe_text import printable

CONCERNS = {
    "must": Text(ko="고쳐야 한다", en="must"),
    "may": Text(ko="선택할 수 있다", en="may"),
    "waived": Text(ko="면제", en="excused"),
    "unknown": Text(ko="알 수 없다", en="unknown"),
}
WIDEST = 44
"""Columns of a cell; what is longer stands whole in the other forms."""


def as_text(fleet: Fleet, language: Language) -> str:
    """The table, one line a repository, and the totals."""
    rows = [[_short(printable(cell)) for cell in cells(row, language)] for row in fleet.rows]
    # Why a repository cannot be read is worth a whole line, and widens no column.
    whole = [[row.name, printable(cells(row, language)[1])] if row.unread else None for row in fleet.rows]
    head = [column[language] for column in COLUMNS]
    table = [head, *(row for row, alone in zip(rows, whole, strict=True) if not alone)]
    widths = [max(_width(row[at]) for row in table) for at in range(len(head))]
    widths[0] = max(widths[0], *(_width(_short(row.name)) for row in fleet.rows)) if fleet.rows else widths[0]
    lines = [_line(head, widths)]
    lines += [
        _line([_short(alone[0]), alone[1]], widths) if alone else _line(row, widths)
        for row, alone in zip(rows, whole, strict=True)
    ]
    for row in fleet.rows:
        if row.update:
            address = f" {printable(row.update.pull_request)}" if row.update.pull_request else ""
            because = f" ({printable(row.update.reason)})" if row.update.reason else ""
            lines.append(f"{printable(row.name)}: {printable(update(row, language))}{address}{because}")
    return "\n".join([*lines, "", ", ".join(totals(fleet, language)), ""])


def affected_as_text(found: Sequence[Affected], by: str, language: Language) -> str:
    """Each repository that is concerned, with its reasons below it, and how many must change."""
    lines: list[str] = []
    for each in found:
        lines.append(printable(each.name))
        lines += [
            f"  {CONCERNS[reason.concern][language]}: {printable(reason.told[language])}" for reason in each.reasons
        ]
    return "\n".join([*lines, *([""] if lines else []), affected_total(found, by, language), ""])


def affected_total(found: Sequence[Affected], by: str, language: Language) -> str:
    """How many must change, and how many are concerned otherwise."""
    must = sum(each.must for each in found)
    others = len(found) - must
    if language == "ko":
        return f"{by}: 고쳐야 하는 레포 {must}개, 그 밖에 걸리는 레포 {others}개"
    return f"{by}: {must} repo{'s' if must != 1 else ''} must change, {others} concerned otherwise"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=False))
    return "  ".join(padded).rstrip()


def _short(text: str) -> str:
    while _width(text) > WIDEST:
        text = f"{text[:-2].rstrip()}…"
    return text


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: Korean letters take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
