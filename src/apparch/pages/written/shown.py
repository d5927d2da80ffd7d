"""Which blocks and which snippet files the whole site shows."""

from __future__ import annotations

from apparch.pages.written.blocks import Block, find_blocks
from apparch.pages.written.site import Site


def all_blocks(site: Site) -> list[Block]:
    """Every code block of every page that people wrote."""
    return [block for page in site.pages for block in find_blocks(page, site)]


def shown_snippets(site: Site) -> list[str]:
    """Every snippet file that a block shows or that the findings name, sorted."""
    named = {
        path
        for entry in (site.findings or {}).get("findings", [])
        for path in entry.get("snippets", [])
        if (site.root / path).is_file()
    }
    return sorted({block.snippet.path for block in all_blocks(site)} | named)
