"""Bars in the page's own colours, as a chart or in a table's cell, with their numbers for those who do not see them."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from apparch.pages.written.markup import Flavour

CELL_HEIGHT, CELL_BAR, CELL_GAP = 20, 9, 3
WIDTH, ROW, THICK = 360, 34, 8
"""In the units of the drawing: as wide as a phone's column, so that its text is never smaller than the page's."""


@dataclass(frozen=True)
class Bar:
    """One bar: what it is of, and its value as it is written."""

    label: str
    written: str

    @property
    def value(self) -> float:
        """The number at the beginning of what is written; 0 where there is none."""
        found = re.match(r"[\d,]*\.?\d+", self.written)
        return float(found[0].replace(",", "")) if found else 0.0


def bars(name: str, title: str, drawn: Sequence[Bar]) -> str:
    """The chart in one line of HTML; its name makes the ids, its title says what is compared."""
    most = max((bar.value for bar in drawn), default=0.0) or 1.0
    parts = []
    for number, bar in enumerate(drawn):
        top = number * ROW
        length = round(WIDTH * bar.value / most, 1)
        label, written = html.escape(bar.label), html.escape(bar.written)
        parts += [
            f'<text x="0" y="{top + 13}">{label}</text>',
            f'<text x="{WIDTH}" y="{top + 13}" text-anchor="end" class="value">{written}</text>',
            f'<rect class="track" x="0" y="{top + 19}" width="{WIDTH}" height="{THICK}" rx="2"/>',
            f'<rect class="bar" x="0" y="{top + 19}" width="{length}" height="{THICK}" rx="2"/>' if length else "",
        ]
    said = html.escape(title)
    told = html.escape("; ".join(f"{bar.label} {bar.written}" for bar in drawn))
    return (
        f'<figure class="plot"><svg viewBox="0 0 {WIDTH} {len(drawn) * ROW}" role="img" '
        f'aria-labelledby="{name}-title {name}-told"><title id="{name}-title">{said}</title>'
        f'<desc id="{name}-told">{told}</desc>{"".join(parts)}</svg><figcaption>{said}</figcaption></figure>'
    )


def beside(number: int, most: int, flavour: Flavour) -> str:
    """A number with a bar as long as its part of the column's largest; it says no more than the number."""
    share = round(100 * number / most) if most else 0
    return f'{number} <span class="share" style="--share: {share}%"></span>' if flavour == "site" else str(number)


def trend(name: str, values: Sequence[tuple[str, int | str]]) -> str:
    """A small column for each edition in one cell, the earliest first; what an edition did not count is left out."""
    most = max((int(value) for _, value in values if value != ""), default=0) or 1
    told = html.escape(f"{name}: " + ", ".join(f"{edition} {value}" for edition, value in values if value != ""))
    columns = []
    for number, (_, value) in enumerate(values):
        height = round(CELL_HEIGHT * int(value or 0) / most, 1)
        left = number * (CELL_BAR + CELL_GAP)
        columns.append(f'<rect x="{left}" y="{CELL_HEIGHT - height:g}" width="{CELL_BAR}" height="{height:g}"/>')
    width = len(values) * (CELL_BAR + CELL_GAP) - CELL_GAP
    return (
        f'<svg class="trend" viewBox="0 0 {width} {CELL_HEIGHT}" width="{width}" height="{CELL_HEIGHT}" role="img" '
        f'aria-label="{told}">{"".join(columns)}</svg>'
    )
