"""Highlighted code with no more elements than its colours need, and its height told in advance by its lines."""

from __future__ import annotations

import re

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

BLOCK = re.compile(r'<div class="(?P<classes>[^"]*\bhighlight)"><pre>(?P<code>.*?)</pre></div>', re.DOTALL)
# Names, punctuation, operators and blanks have the colour of the code itself.
PLAIN = re.compile(r'<span class="(?:n|nn|nx|nb|bp|p|o|w|err|p p-Indicator|t)">([^<]*)</span>')
KIND = re.compile(r'<span class="(\w+) [^"]*">')
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
    lines = len(re.sub(r"<[^>]*>", "", code).rstrip("\n").split("\n"))
    return f'<div class="{block["classes"]}" style="--lines:{lines}"><pre>{code}</pre></div>'
