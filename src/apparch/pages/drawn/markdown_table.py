"""Markdown tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table's lines; a bar inside a cell is escaped, a line break becomes a space."""
    return [
        "",
        _row(header),
        _row(["---"] * len(header)),
        *(_row(row) for row in rows),
        "",
    ]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(re.sub(r"(?<!\\)\|", r"\\|", " ".join(cell.split())) for cell in cells) + " |"
