"""Where a name in a line of text may be broken: behind its slashes and dots, never inside a word or an option."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

LONGEST = 20
"""Code up to this many characters stays in one line."""
PART = re.compile(r"[^/.:=_,]+[/.:=_,]*|[/.:=_,]+")


class _LineBreaks(Treeprocessor):  # type: ignore[misc]
    """Marks the long pieces of code in running text; blocks of code are no elements yet when this runs."""

    def run(self, root: Element) -> None:
        for code in root.iter("code"):
            text = code.text or ""
            if len(text) > LONGEST and not len(code):
                _divide(code, text)


class LineBreaks(Extension):  # type: ignore[misc]
    """The extension that mkdocs.yml names."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown calls it so)
        """Run when code in text is an element and the page is not yet HTML."""
        md.treeprocessors.register(_LineBreaks(md), "apparch-line-breaks", 15)


def _divide(code: Element, text: str) -> None:
    """Words stay whole, long ones may be broken between their parts."""
    code.set("class", "long")
    code.text = ""
    for number, word in enumerate(text.split(" ")):
        before = " " if number else ""
        if len(word) <= LONGEST:
            _append(code, before)
            SubElement(code, "span").text = word
            continue
        first, *rest = PART.findall(word)
        _append(code, before + first)
        for part in rest:
            SubElement(code, "wbr").tail = part


def _append(element: Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text
