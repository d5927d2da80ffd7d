"""Where links into a document lead once it is published by chapter."""

from __future__ import annotations

import posixpath
import re

from apparch.pages.written.fences import find_fences
from apparch.pages.written.links import relative
from apparch.pages.written.markup import Flavour
from apparch.pages.written.site import Site

LINK = re.compile(
    r"(?<!`)(?P<code>`+)(?!`).+?(?<!`)(?P=code)(?!`)|\]\((?P<path>[^()\s#:]*)(?:#(?P<id>[^()\s]*))?(?=[\s)])"
)


def moved(markdown: str, written: str, published: str, site: Site, flavour: Flavour, *, whole: bool = False) -> str:
    """A text written for one page, named as in `Page.name`, as it stands on the page that it is published on.

    Its links lead where they led, those into a document to the chapter that holds the section.

    Args:
        whole: the page holds the whole document, so that links within it stay there.
    """

    def link(match: re.Match[str]) -> str:
        path, section = match.group("path"), match.group("id")
        if path is None or path.startswith("/"):
            return match.group()
        target = posixpath.normpath(posixpath.join(posixpath.dirname(written), path)) if path else f"{written}.md"
        name = target.removesuffix(".md")
        if name in site.chapters:
            if whole and name == written:
                return match.group()
            name, section = _place(name, section, site, flavour)
            target = f"{name}.md"
        anchor = f"#{section}" if section else ""
        return "](" + (anchor if anchor and name == published else f"{relative(published, target)}{anchor}")

    if written == published and not any(name.rpartition("/")[2] in markdown for name in site.chapters):
        return markdown
    lines = markdown.split("\n")
    code = {number for fence in find_fences(markdown) for number in range(fence.first, fence.last + 1)}
    return "\n".join(line if n in code or "](" not in line else LINK.sub(link, line) for n, line in enumerate(lines))


def _place(document: str, section: str | None, site: Site, flavour: Flavour) -> tuple[str, str | None]:
    """The page that holds a document's section, and the section where it is not the page itself."""
    chapter = site.chapters[document].get(section or "")
    if chapter:
        return f"{document}/{chapter}", None if section == chapter else section
    # Programs get the document itself where a reader gets its overview.
    return f"{document}/index" if flavour == "site" else document, section
