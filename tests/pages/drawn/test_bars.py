"""A bar chart: its lengths, its words, and what stands for it where it is not seen."""

from __future__ import annotations

import re

from lxml import etree  # type: ignore[import-untyped]

from apparch.pages.drawn.bars import WIDTH, Bar, bars, beside

DRAWN = [Bar("a <b>", "1,200 ms"), Bar("c", "300"), Bar("d", "0"), Bar("e", "none")]


def test_lengths_are_in_proportion() -> None:
    """The longest bar is as wide as the drawing, none has no length."""
    lengths = re.findall(r'class="bar"[^>]* width="([\d.]+)"', bars("x", "t", DRAWN))

    assert [WIDTH, WIDTH / 4] == [float(length) for length in lengths]


def test_it_is_told_in_words() -> None:
    """A title and a description name what is compared, and every number."""
    figure = etree.fromstring(bars("x", "App: lost", DRAWN))
    svg = figure[0]
    named = [
        element.text for name in svg.get("aria-labelledby").split() for element in svg if element.get("id") == name
    ]

    assert "img" == svg.get("role")
    assert ["App: lost", "a <b> 1,200 ms; c 300; d 0; e none"] == named


def test_its_colours_are_the_pages() -> None:
    """No colour is written into it, so that it follows light and dark."""
    assert [] == re.findall(r"(?:fill|stroke|style)=", bars("x", "t", DRAWN))


def test_a_bar_in_a_cell_is_its_part_of_the_largest() -> None:
    """Half as long as the largest for half of it; plain Markdown has the number alone."""
    assert ('3 <span class="share" style="--share: 50%"></span>', "3") == (beside(3, 6, "site"), beside(3, 6, "plain"))
