"""Which sections a page has, and how a section is named."""

from __future__ import annotations

import pytest

from apparch.pages.written.sections import find_sections, label

# Each row: the page, then id, level and title of each section.
FOUND: dict[str, tuple[str, list[tuple[str, int, str]]]] = {
    "nothing": ("text", [("top", 0, "")]),
    "title": ("# T", [("top", 0, ""), ("top", 1, "T")]),
    "explicit id": ("## 4.2 태그 {#4-2}", [("top", 0, ""), ("4-2", 2, "4.2 태그")]),
    "id with a class": ("## T {#a .wide}", [("top", 0, ""), ("a", 2, "T")]),
    "spaces in the braces": ("## T { #a }", [("top", 0, ""), ("a", 2, "T")]),
    "no id": ("## T", [("top", 0, ""), ("", 2, "T")]),
    "in a fence": ("```python\n# T\n```", [("top", 0, "")]),
    "no space": ("#T", [("top", 0, "")]),
    "nested": ("## A {#a}\n### B {#b}", [("top", 0, ""), ("a", 2, "A"), ("b", 3, "B")]),
}


@pytest.mark.parametrize(("page", "expected"), FOUND.values(), ids=FOUND)
def test_sections_are_found(page: str, expected: list[tuple[str, int, str]]) -> None:
    """A heading outside code is a section with its explicit id."""
    assert expected == [(section.id, section.level, section.title) for section in find_sections(page)]


def test_a_section_holds_its_text_up_to_the_next_heading() -> None:
    """A section's text is its heading with what follows, its subsections left out."""
    sections = find_sections("before\n## A {#a}\none\n### B {#b}\ntwo")

    assert ["before", "## A {#a}\none", "### B {#b}\ntwo"] == [section.text for section in sections]


def test_a_section_knows_its_line() -> None:
    """A section's line is that of its heading, counted from 1."""
    assert [1, 3] == [section.line for section in find_sections("text\n\n## A {#a}")]


@pytest.mark.parametrize(
    ("section", "expected"),
    [("4", "4"), ("4-2", "4.2"), ("a", "A"), ("a-2", "A.2"), ("3-4-src", "3.4 src"), ("map", "map")],
)
def test_a_section_is_named_as_the_documents_name_it(section: str, expected: str) -> None:
    """An id gives the number that the documents write."""
    assert expected == label(section)
