"""The code blocks of a page as its reader sees them, each with its digest and its place of origin."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from apparch.catalogue import Language
from apparch.pages.errors import PageError
from apparch.pages.written.fences import Fence, find_fences
from apparch.pages.written.site import Page, Site
from apparch.pages.written.snippets import Snippet, read_snippet


@dataclass(frozen=True)
class Block:
    """A fenced code block, its include resolved."""

    page: str
    """The page's file below docs/."""
    line: int
    """Number of the fence's opening line in that file, counted from 1."""
    page_language: Language
    language: str
    """The fence's own language, such as python."""
    snippet: Snippet

    @property
    def text(self) -> str:
        """What the reader sees."""
        return self.snippet.text

    @property
    def digest(self) -> str:
        """sha256 of the text, outer newlines stripped."""
        return digest(self.text)

    @property
    def origin(self) -> str:
        """The snippet file with its lines, `path:first-last`."""
        return f"{self.snippet.path}:{self.snippet.first}-{self.snippet.last}"


def find_blocks(page: Page, site: Site) -> list[Block]:
    """The blocks of a page in order.

    Raises:
        PageError: a fence is hidden, never closed, has no language, or holds anything but one include.
    """
    return [resolve(fence, page, site) for fence in find_fences(page.text)]


def resolve(fence: Fence, page: Page, site: Site) -> Block:
    """The block that a fence of a page shows.

    Raises:
        PageError: as for find_blocks.
    """
    line = fence.first + 1 + page.offset
    place = f"docs/{page.file}:{line}"
    if fence.hidden:
        raise PageError(
            f"{place}: a code block stands in an HTML comment, where no reader sees it; show it or delete it"
        )
    if not fence.closed:
        raise PageError(f"{place}: a code block is never closed; add its closing fence")
    if not fence.language:
        raise PageError(f"{place}: a code block needs a language that has a judge, found {fence.info!r}")
    content = [text for text in fence.body if text.strip()]
    if len(content) != 1:
        raise PageError(f"{place}: a code block holds one include and nothing else; move its code to a snippet file")
    try:
        snippet = read_snippet(site.root, content[0])
    except PageError as error:
        raise PageError(f"{place}: {error}") from error
    if not snippet.text:
        raise PageError(f"{place}: {snippet.path} is empty")
    return Block(page.file, line, page.language, fence.language, snippet)


def digest(text: str) -> str:
    """sha256 of a block's text as shown, outer newlines stripped."""
    return hashlib.sha256(text.strip("\n").encode()).hexdigest()
