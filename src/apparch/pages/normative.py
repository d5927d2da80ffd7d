"""Sentences of policy in prose: each names the rule that it states."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.catalogue.model import RULE_ID
from apparch.pages.fences import find_fences
from apparch.pages.sections import HEADING
from apparch.pages.site import Page, Site

NORMATIVE = {
    "ko": re.compile(
        r"[가-힣]야만? 한다|[가-힣]야만? 하[며고]|면 안 된다|서는 안 된다|금지(?:한다|된다|다|이다)|반드시|절대(?:로)? "
    ),
    "en": re.compile(
        r"\b(?:must|shall|should|never|forbidden|prohibited|not allowed|is required to|are required to)\b", re.I
    ),
}
SENTENCE = re.compile(r"(?<=[.!?。])\s+")


def unruled(site: Site) -> list[str]:
    """Every sentence of policy in a document that names no rule, with its place."""
    return [
        f"docs/{page.file}:{line}: a sentence of policy without a rule; name its rule ID or state a fact: {text}"
        for page in site.pages
        if page.document
        for line, text in sentences(page)
        if NORMATIVE[page.language].search(re.sub(r"`[^`]*`", "", text)) and not RULE_ID.search(text)
    ]


def sentences(page: Page) -> Iterator[tuple[int, str]]:
    """The sentences of a page's prose with their line numbers; a table row counts as one sentence."""
    fenced = {number for fence in find_fences(page.text) for number in range(fence.first, fence.last + 1)}
    for number, line in enumerate(page.text.split("\n")):
        text = line.strip()
        if number in fenced or not text or HEADING.match(line) or text.startswith("[[rules"):
            continue
        for sentence in [text] if text.startswith("|") else SENTENCE.split(text):
            yield number + 1 + page.offset, sentence
