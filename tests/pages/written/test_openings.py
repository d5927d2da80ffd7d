"""How sections begin: with what they have to say, and not by announcing themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apparch.catalogue import Language
from apparch.pages.written.fences import find_fences
from apparch.pages.written.site import Page, load_site

ROOT = Path(__file__).parents[3]
ANNOUNCED: dict[Language, re.Pattern[str]] = {
    "ko": re.compile(r"이 (?:절|장|부록|항)(?:은|의|에서는) "),
    "en": re.compile(r"(?:This (?:section|chapter|appendix|item)|Here (?:is|are)) "),
}
# Words that are good once and wear out: how often a page may use each of them, quotations of code apart.
WORN = {
    "en": {r"settle[sd]?": 2, r"stands? (?:in|below|on|for)": 3, r"Here (?:is|are)": 2},
    "ko": {r"을 정한다\.": 6, r"를 정한다\.": 6, r"자리다\.": 8},
}


def pages() -> list[Page]:
    """The three documents in both languages."""
    return [page for page in load_site(ROOT).pages if page.document]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.file)
def test_a_section_begins_with_what_it_says(page: Page) -> None:
    """Under a heading comes the matter itself."""
    announced = []
    for section in page.sections:
        lines = [line for line in section.text.split("\n")[1:] if line.strip()]
        if lines and ANNOUNCED[page.language].match(lines[0]):
            announced.append(f"docs/{page.file}#{section.id}: {lines[0][:60]}")

    assert [] == announced


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.file)
def test_no_word_wears_out(page: Page) -> None:
    """A phrase that comes again and again says less each time."""
    fenced = {number for fence in find_fences(page.text) for number in range(fence.first, fence.last + 1)}
    text = "\n".join(line for number, line in enumerate(page.text.split("\n")) if number not in fenced)
    often = {word: len(re.findall(word, text)) for word in WORN[page.language]}

    assert {} == {word: count for word, count in often.items() if count > WORN[page.language][word]}
