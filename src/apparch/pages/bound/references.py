"""Whether a section number leads where its author meant: each reference is listed by the title of its target."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from apparch.catalogue import Language
from apparch.pages.bound.texts import CODE, Line, Writing
from apparch.pages.data import read_data
from apparch.pages.links import WIKI
from apparch.pages.sections import label
from apparch.pages.site import Site

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
    for match in WIKI.finditer(CODE.sub(" ", line.text)):
        number = match.group("own") or match.group("section")
        own = writing.name.rpartition("/")[2] if writing.name.startswith("arch/") else "k8s_app_architecture"
        document = match.group("document") or own
        titles: Mapping[str, str] = site.section_titles.get((f"arch/{document}", "en"), {})
        section = number.replace(".", "-").lower() if number else ""
        if section in titles and document in NAMES:
            title = re.sub(rf"^(?:Appendix )?{re.escape(label(section))} ", "", titles[section])
            yield f"{NAMES[document]}: {title}"
