"""The fleet as Markdown that fits an issue or a job's summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apparch.catalogue.model import Language
from apparch.fleet.affected import Affected
from apparch.fleet.model import Fleet
from apparch.fleet.text import CONCERNS, affected_total
from apparch.fleet.words import COLUMNS, cells, totals, update
from apparch.report.markdown import escaped


def as_markdown(fleet: Fleet, language: Language) -> str:
    """The totals, the table, and what was done."""
    return "\n".join([", ".join(totals(fleet, language)), "", *_table(fleet, language), *_updates(fleet, language), ""])


def affected_as_markdown(found: Sequence[Affected], by: str, language: Language) -> str:
    """How many must change, and a list of each with its reasons."""
    lines = [affected_total(found, by, language), ""]
    for each in found:
        lines.append(f"- {escaped(each.name)}")
        lines += [
            f"  - {CONCERNS[reason.concern][language]}: {escaped(reason.told[language])}" for reason in each.reasons
        ]
    return "\n".join([*lines, ""])


def _table(fleet: Fleet, language: Language) -> Iterator[str]:
    yield f"| {' | '.join(column[language] for column in COLUMNS)} |"
    yield f"|{'---|' * len(COLUMNS)}"
    for row in fleet.rows:
        yield f"| {' | '.join(escaped(cell) for cell in cells(row, language))} |"


def _updates(fleet: Fleet, language: Language) -> Iterator[str]:
    worked = [row for row in fleet.rows if row.update]
    if worked:
        yield ""
    for row in worked:
        if row.update:
            address = f" {escaped(row.update.pull_request)}" if row.update.pull_request else ""
            because = f" ({escaped(row.update.reason)})" if row.update.reason else ""
            yield f"- {escaped(row.name)}: {escaped(update(row, language))}{address}{because}"
