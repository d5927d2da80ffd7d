"""What a page says of itself in a line, for search engines, previews in chats and lists of pages."""

from __future__ import annotations

import re

from apparch.pages.written.fences import find_fences
from apparch.pages.written.site import Page

LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\([^)]*\)(?:\{[^}]*\})?")
PLAIN = re.compile(r"^(?![#|>\-*!:\s<\d]|```)\S.*")
PROSE = re.compile(r"^(?![#|>\-*!:\s\d{[]|<(?!p\b|abbr\b))\S.*")
MARKUP = re.compile(r"<[^>]+>|\*+")
SENTENCE = re.compile(r"(?<=\.) ")
SHORTEST, LONGEST = 50, 300
"""Characters: a first sentence that says less takes the next one with it; who shows a description cuts it off."""


def summary(page: Page) -> str:
    """A published page's own description, or else how its prose begins, without markup; empty where it has neither."""
    own = page.meta.get("description")
    if own:
        return str(own)
    code = {line for fence in find_fences(page.text) for line in range(fence.first, fence.last + 1)}
    lines = (line for number, line in enumerate(page.text.split("\n")) if number not in code)
    first = next((line for line in lines if PROSE.match(line)), "")
    said = ""
    for sentence in SENTENCE.split(MARKUP.sub("", plain_text(first)).strip()):
        if len(said) >= SHORTEST:
            break
        said = f"{said} {sentence}".strip()
    return said[:LONGEST]


def first_sentence(markdown: str) -> str:
    """The first sentence of the first paragraph of prose, empty where there is none."""
    first = next((line for line in markdown.split("\n") if PLAIN.match(line)), "")
    return re.split(r"(?<=\.) ", first, maxsplit=1)[0]


def plain_text(markdown: str) -> str:
    """A sentence without its links' addresses and the marks of code."""
    return LINK.sub(r"\1", markdown).replace("`", "")
