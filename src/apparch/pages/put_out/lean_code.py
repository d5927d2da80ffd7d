"""Highlighted code with no more elements than its colours need, its lines and columns told to the style sheet."""

from __future__ import annotations

import re
from html import unescape
from unicodedata import east_asian_width

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

BLOCK = re.compile(r'<div class="(?P<classes>[^"]*\bhighlight)"><pre>(?P<code>.*?)</pre></div>', re.DOTALL)
# Names, punctuation, operators and blanks have the colour of the code itself.
PLAIN = re.compile(r'<span class="(?:n|nn|nx|nb|bp|p|o|w|err|p p-Indicator|t)">([^<]*)</span>')
KIND = re.compile(r'<span class="(\w+) [^"]*">')
# A column begins behind two blanks at least.
COLUMN = re.compile(r"(?<=\S) {2,}(?=\S)")
TWICE = re.compile(r'(<span class="(\w+)">[^<]*)</span>([ ]*)<span class="\2">')


class _LeanCode(Postprocessor):  # type: ignore[misc]
    """A page of code has ten elements a line otherwise, which a phone lays out for seconds."""

    def run(self, text: str) -> str:
        return BLOCK.sub(_lean, text)


class LeanCode(Extension):  # type: ignore[misc]
    """The extension that mkdocs.yml names."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown calls it so)
        """Run when the blocks are in the page's HTML."""
        md.postprocessors.register(_LeanCode(md), "apparch-lean-code", 2)


def _lean(block: re.Match[str]) -> str:
    code = KIND.sub(r'<span class="\1">', PLAIN.sub(r"\1", block["code"]))
    before = ""
    while before != code:
        before, code = code, TWICE.sub(r"\1\3", code)
    lines = unescape(re.sub(r"<[^>]*>", "", code)).rstrip("\n").split("\n")
    classes = block["classes"]
    if "language-console" in classes and _in_columns(lines):
        classes = f"in-columns {classes}"
    return f'<div class="{classes}" style="--lines:{len(lines)}"><pre>{code}</pre></div>'


def _in_columns(lines: list[str]) -> bool:
    """Whether the longest line begins two columns or more where a line beside it does."""
    longest = max(range(len(lines)), key=lambda number: _width(lines[number]))
    beside = [_columns(lines[number]) for number in (longest - 1, longest + 1) if 0 <= number < len(lines)]
    return any(len(_columns(lines[longest]) & columns) > 1 for columns in beside)


def _columns(line: str) -> set[int]:
    return {_width(line[: match.end()]) for match in COLUMN.finditer(line)}


def _width(text: str) -> int:
    # Hangul is as wide as two Latin letters, at a terminal too.
    return sum(1 + (east_asian_width(char) in "WF") for char in text)
