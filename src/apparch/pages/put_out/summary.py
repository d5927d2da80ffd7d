"""What a page says of itself in one sentence."""

from __future__ import annotations

import re

LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\([^)]*\)")
PLAIN = re.compile(r"^(?![#|>\-*!:\s<\d]|```)\S.*")


def first_sentence(markdown: str) -> str:
    """The first sentence of the first paragraph of prose, empty where there is none."""
    first = next((line for line in markdown.split("\n") if PLAIN.match(line)), "")
    return re.split(r"(?<=\.) ", first, maxsplit=1)[0]


def plain_text(markdown: str) -> str:
    """A sentence without its links' addresses and the marks of code."""
    return LINK.sub(r"\1", markdown).replace("`", "")
