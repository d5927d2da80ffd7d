"""A bar chart as SVG, in the page's own colours and text, with its numbers for those who do not see it."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

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
