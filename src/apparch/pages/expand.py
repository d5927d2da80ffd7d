"""The one function from a page as written to the page as published."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from apparch.pages.drawn import captions, diagram_text, directives, header_card
from apparch.pages.errors import PageError
from apparch.pages.written.blocks import Block, resolve
from apparch.pages.written.fences import Fence, commented_lines, find_fences
from apparch.pages.written.links import Linker
from apparch.pages.written.markup import Flavour, bare
from apparch.pages.written.site import Page, Site

LEFT_OVER = re.compile(r"-8<-|\[\[[a-z-]+(?::|\]\])")
CODE = re.compile(r"`[^`]*`")


def expand(page: Page, site: Site, flavour: Flavour = "site") -> str:
    """A page's published Markdown: includes resolved, tables drawn from the catalogue, mentions linked.

    What the site renders and what the tests run are this same output; what is exported is the same page in plain
    Markdown, without what only the site's theme understands.

    Raises:
        PageError: anything on the page that cannot be published, with file and line.
    """
    page = replace(page, flavour=flavour)
    lines = page.text.split("\n")
    fences = {fence.first: fence for fence in find_fences(page.text)}
    commented = commented_lines(page.text)
    linker = Linker(page, site)
    kept: Callable[[str], str] = str if flavour == "site" else bare
    output: list[str] = []
    number = 0
    while number < len(lines):
        fence, line = fences.get(number), lines[number]
        try:
            if fence:
                output += _block(fence, resolve(fence, page, site), page, site)
                number = fence.last + 1
                continue
            directive = directives.match(line) if "[[" in line else None
            if number in commented or not line:
                output.append(kept(line))
            elif directive:
                indent = line[: len(line) - len(line.lstrip())]
                made = directives.render(directive, page, site)
                output += [f"{indent}{each}".rstrip() for each in _outside_code(made, lambda it: linker.line(kept(it)))]
            else:
                output.append(linker.line(kept(line)))
                if LEFT_OVER.search(output[-1]) and LEFT_OVER.search(CODE.sub("", output[-1])):
                    raise PageError("an include or directive that nothing expands; see CONTRIBUTING.md for their forms")
                if line.startswith("# "):
                    output += [linker.line(kept(made)) for made in header_card.card(page)]
        except PageError as error:
            place = f"docs/{page.file}:{number + 1 + page.offset}"
            raise error if str(error).startswith("docs/") else PageError(f"{place}: {error}") from error
        number += 1
    return "\n".join(output)


def _outside_code(lines: list[str], change: Callable[[str], str]) -> list[str]:
    """Lines that a directive made, changed where they are prose."""
    code = {number for fence in find_fences("\n".join(lines)) for number in range(fence.first, fence.last + 1)}
    return [line if number in code or not line else change(line) for number, line in enumerate(lines)]


def _block(fence: Fence, block: Block, page: Page, site: Site) -> list[str]:
    longest = max((len(run) for run in re.findall(r"`+", block.text)), default=0)
    marks = "`" * max(3, longest + 1)
    lines = [f"{marks}{fence.info}", *block.text.split("\n"), marks, "", *captions.caption(block, page, site), ""]
    if block.language == "mermaid" and page.flavour == "site":
        lines += diagram_text.described(block.text, page.language)
    return [(fence.indent + line).rstrip() for line in lines]
