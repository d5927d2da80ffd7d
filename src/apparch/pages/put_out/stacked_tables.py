"""Tables that a narrow screen can show as cards: each cell knows its column's name and keeps its role."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

FEWEST = 3
"""Columns from which on a table does not fit a phone."""
ROLES = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "th": "columnheader", "td": "cell"}


class _StackedTables(Treeprocessor):  # type: ignore[misc]
    """The roles keep it a table for screen readers, which a changed display would take from them."""

    def run(self, root: Element) -> None:
        for table in root.iter("table"):
            heads = [" ".join("".join(head.itertext()).split()) for head in table.iterfind("thead/tr/*")]
            if len(heads) >= FEWEST:
                _mark(table, heads)


class StackedTables(Extension):  # type: ignore[misc]
    """The extension that mkdocs.yml names."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown calls it so)
        """Run when tables are elements and their text is marked up."""
        md.treeprocessors.register(_StackedTables(md), "apparch-stacked-tables", 14)


def _mark(table: Element, heads: list[str]) -> None:
    table.set("role", "table")
    table.set("data-stacks", "")
    table.set("style", f"--rows:{len(table.findall('tbody/tr'))}")
    for element in table.iter():
        if element.tag in ROLES:
            element.set("role", ROLES[element.tag])
    for row in table.iterfind("tbody/tr"):
        for head, cell in zip(heads[1:], list(row)[1:], strict=False):
            cell.set("data-label", head)
