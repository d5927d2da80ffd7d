"""Whether a section number leads where its author meant: each reference is listed by the title of its target."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from apparch.catalogue import Language
from apparch.pages.promised.bound.texts import CODE, SPOKEN, Line, Writing
from apparch.pages.written.data_files import read_data
from apparch.pages.written.links import WIKI
from apparch.pages.written.sections import label
from apparch.pages.written.site import Site

RECORD = "docs/claims/references.yaml"
NAMES = {"k8s_architecture": "main", "k8s_app_architecture": "app", "k8s_sub_architecture": "deploy"}
"""What the record calls the documents."""


def misled(writing: Writing, site: Site) -> Iterator[str]:
    """Where a text's references lead elsewhere than the record says, or the record says nothing of them."""
    recorded = (read_data(site.root, RECORD) or {}).get(writing.name, {})
    for language in writing.lines:
        found = leads(writing, language, site)
        for section in dict.fromkeys([*recorded, *found]):
            here, there = found.get(section, []), recorded.get(section, [])
            if here != there:
                odd = [title for title in here if title not in there] or [t for t in there if t not in here] or here
                place = next((line.place for line in writing.lines[language] if line.section == section), writing.name)
                yield (
                    f"{place}: the references of #{section} lead to {here}, {RECORD} says {there} "
                    f"(look at {odd[0]!r}); "
                    "correct the number, or the titles in the record"
                )


def leads(writing: Writing, language: Language, site: Site) -> dict[str, list[str]]:
    """For each section of a text where its references lead, line by line, as `document: English title`."""
    found: dict[str, list[str]] = {}
    for line in writing.lines[language]:
        titles = sorted(_targets(line, writing, site))
        if titles:
            found.setdefault(line.section, []).extend(titles)
    return found


def _targets(line: Line, writing: Writing, site: Site) -> Iterator[str]:
    for document, number in _named(line, writing):
        titles: Mapping[str, str] = site.section_titles.get((f"arch/{document}", "en"), {})
        section = number.replace(".", "-").lower()
        if document in NAMES:
            title = re.sub(
                rf"^(?:Appendix )?{re.escape(label(section))} ", "", titles.get(section, f"no section {number}")
            )
            yield f"{NAMES[document]}: {title}"


def _named(line: Line, writing: Writing) -> Iterator[tuple[str, str]]:
    """Each document and section number that a line names, as a link or in words."""
    for match in WIKI.finditer(CODE.sub(" ", line.text)):
        number = match.group("own") or match.group("section")
        own = writing.name.rpartition("/")[2] if writing.name.startswith("arch/") else "k8s_app_architecture"
        if number:
            yield match.group("document") or own, number
    for match in SPOKEN.finditer(CODE.sub(" ", line.text)):
        spoken = {"메인": "main"}.get(match.group("named"), match.group("named").lower())
        document = next(stem for stem, name in NAMES.items() if name == spoken)
        yield from ((document, number) for number in re.split(r", | and ", match.group("numbers")))
