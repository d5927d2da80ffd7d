"""A document as it is published: an overview, a page per chapter, one whole page for printing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apparch.catalogue import Text
from apparch.pages.expand import expand
from apparch.pages.put_out.moved_links import moved
from apparch.pages.put_out.summary import first_sentence, plain_text
from apparch.pages.written.markup import Flavour, boxed
from apparch.pages.written.sections import Section, find_sections
from apparch.pages.written.site import DOCUMENTS, Page, Site

CHAPTERS = Text("장", "Chapters")
WHOLE = Text(
    "인쇄하거나 PDF로 보관하려면 [한 쪽에 모은 전문](print.md)을 연다.",
    "To print the document or keep it as a PDF, open [the whole of it on one page](print.md).",
)
PRINTED = Text("전문", "the whole document")


def parts(page: Page, text: str, site: Site, flavour: Flavour) -> list[Page]:
    """A document's pages in reading order.

    For the site they are the overview at the document's address, the chapters, and the whole for printing; for
    programs the whole at the document's address, then the chapters.

    Args:
        text: the document as `expand` made it for this flavour.
    """
    page = replace(page, flavour=flavour)
    chapters = [_chapter(page, section, lines, site) for section, lines in _chapters(page, text)]
    if flavour == "plain":
        whole = moved(text, page.name, page.name, site, flavour, whole=True)
        return [replace(page, text=whole), *chapters]
    return [_overview(page, text, site), *chapters, _printed(page, text, site)]


def _chapters(page: Page, text: str) -> list[tuple[Section, list[str]]]:
    """Each chapter's section as written, with the lines of its page as published."""
    lines = text.split("\n")
    # Expansion adds no heading as high as a chapter's, and takes none away.
    found = [section for section in find_sections(text) if section.level <= 2]
    written = [section for section in page.sections if section.level <= 2]
    ends = [section.line - 1 for section in found[1:]] + [len(lines)]
    output = []
    for own, published, end in zip(written, found, ends, strict=True):
        if own.chapter:
            output.append((own, lines[published.line - 1 : end]))
    return output


def _chapter(page: Page, section: Section, lines: list[str], site: Site) -> Page:
    name = f"{page.name}/{section.id}"
    text = "\n".join(lines)
    for heading in find_sections(text):
        if heading.level:
            lines[heading.line - 1] = lines[heading.line - 1].removeprefix("#")
    meta = {"title": _title(section), "description": _description(page, section, site), "part_of": _part_of(page)}
    text = moved("\n".join(lines).strip("\n"), page.name, name, site, page.flavour)
    return Page(name, page.language, text, meta, flavour=page.flavour)


def _overview(page: Page, text: str, site: Site) -> Page:
    """What stands before the first chapter, with the list of chapters behind the introduction.

    The list holds each section's link under the section's own id: an address of before, when the document was one
    page, still leads there, and a script that the theme puts into the page's head follows the link.
    """
    lines = text.split("\n")
    found = find_sections(text)
    first = next(section.line for section in found if section.chapter) - 1
    front = next((section.line for section in found if section.level == 2), first + 1) - 1
    name = f"{page.name}/index"
    language = page.language
    chapters = [*boxed(_contents(page, site), "chapters", page.flavour), "", WHOLE[language], ""]
    before, after = ("\n".join(part) for part in (lines[:front], lines[front:first]))
    listed = f"## {CHAPTERS[language]} {{#chapters}}\n\n" + "\n".join(chapters)
    parts = [
        moved(before, page.name, name, site, page.flavour),
        listed,
        moved(after, page.name, name, site, page.flavour),
    ]
    meta: dict[str, Any] = {**page.meta, "description": _description(page, page.sections[1], site)}
    meta["moved"] = _moved(site.chapters[page.name])
    meta["called"] = DOCUMENTS[page.document or ""][language]
    return replace(page, name=name, text="\n".join(parts).rstrip("\n"), meta=meta)


def _contents(page: Page, site: Site) -> list[str]:
    """A list of the chapters with a sentence and the links of their sections each."""
    lines: list[str] = []
    name = f"{page.name}/index"
    for chapter in (section for section in page.sections if section.chapter):
        sentence = expand(replace(page, text=first_sentence(chapter.text)), site)
        lines += [
            f"- **{_link(chapter, chapter)}**  ",
            f"    {moved(sentence, page.name, name, site, page.flavour)}",
            "",
        ]
        below = [each for each in page.sections if site.chapters[page.name].get(each.id) == chapter.id][1:]
        if below:
            lines += ["    " + " · ".join(_link(each, chapter) for each in below), "    { .sections }", ""]
    return lines


def _link(section: Section, chapter: Section) -> str:
    anchor = "" if section is chapter else f"#{section.id}"
    return f"[{section.title}]({chapter.id}.md{anchor}){{ #{section.id} }}"


def _printed(page: Page, text: str, site: Site) -> Page:
    name = f"{page.name}/print"
    title = f"{page.meta.get('title', '')}: {PRINTED[page.language]}"
    meta = {"title": title, "template": "print.html", "robots": "noindex", "search": {"exclude": True}}
    meta["part_of"] = _part_of(page)
    text = moved(text, page.name, name, site, page.flavour, whole=True)
    # On paper a box is ticked with a pen: a control would have no name and nobody to click it.
    text = re.sub(r"(?m)^( *)- \[ \] ", r"\1- ☐ ", text)
    return Page(name, page.language, text, meta, flavour=page.flavour)


def _part_of(page: Page) -> dict[str, str]:
    return {"name": DOCUMENTS[page.document or ""][page.language], "title": str(page.meta.get("title", ""))}


def _moved(chapters: dict[str, str]) -> dict[str, Sequence[str]]:
    """For each chapter the ids of its sections."""
    return {
        chapter: [section for section, own in chapters.items() if own == chapter and section != chapter]
        for chapter in dict.fromkeys(chapters.values())
    }


def _title(section: Section) -> str:
    return re.sub(r"`", "", section.title)


def _description(page: Page, section: Section, site: Site) -> str:
    return plain_text(expand(replace(page, text=first_sentence(section.text)), site, "plain"))
