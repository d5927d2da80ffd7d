"""How Sybil sees a page: its expanded text, each fenced block an example with the judge of its kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from sybil import Document, Example, Region
from sybil.typing import Parser

from apparch.catalogue import CatalogueError
from apparch.pages.errors import PageError
from apparch.pages.expand import expand
from apparch.pages.proved.judges.choice import fault
from apparch.pages.proved.tools import Unavailable
from apparch.pages.written.blocks import Block, find_blocks
from apparch.pages.written.fences import find_fences
from apparch.pages.written.site import Page, Site, load_site


class ExpandedDocument(Document):
    """A page as published: the text that Sybil parses is what the site renders."""

    blocks: list[Block]

    @classmethod
    def parse(cls, path: str, *parsers: Parser, encoding: str = "utf-8") -> ExpandedDocument:
        """Expand a page, then give it to the parsers; a page that cannot be published is a collection error."""
        try:
            site, page = _find(Path(path))
            document = cls(expand(page, site), path)
            document.blocks = find_blocks(page, site)
        except (PageError, CatalogueError) as error:
            raise pytest.Collector.CollectError(str(error)) from None
        for parser in parsers:
            for region in parser(document):
                document.add(region)
        return document


def parse_blocks(document: Document) -> Iterator[Region]:
    """Every fence of an expanded page as a region, evaluated by its judge.

    Raises:
        CollectError: the expanded page shows other blocks than the page as written resolves to.
    """
    assert isinstance(document, ExpandedDocument)
    starts = [0]
    for line in document.text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    fences = find_fences(document.text)
    shown = ["\n".join(fence.body).strip("\n") for fence in fences]
    if shown != [block.text for block in document.blocks]:
        raise pytest.Collector.CollectError(f"{document.path}: expansion changed a code block; look at expand.py")
    for fence, block in zip(fences, document.blocks, strict=True):
        yield Region(starts[fence.first], starts[fence.last + 1] - 1, block, evaluate)


def evaluate(example: Example) -> str | None:
    """The judge's verdict on a block: None where it is good."""
    block: Block = example.parsed
    root = _root(Path(example.path))
    try:
        return fault(block, root)
    except PageError as error:
        return str(error)
    except Unavailable as unavailable:
        if os.environ.get("CI"):
            return str(unavailable)
        pytest.skip(str(unavailable))


def _find(path: Path) -> tuple[Site, Page]:
    root = _root(path)
    site = site_of(root)
    name = path.resolve().relative_to(root / "docs").as_posix()
    return site, next(page for page in site.pages if page.file == name)


@lru_cache
def _root(path: Path) -> Path:
    return next(parent for parent in path.resolve().parents if (parent / "mkdocs.yml").is_file())


@lru_cache
def site_of(root: Path) -> Site:
    """The repository's site, read once a run."""
    return load_site(root)
