"""Whether each diagram shows what is so: the same graph in both languages, every line of it vouched for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apparch.catalogue import LANGUAGES, Language
from apparch.pages.promised.bound.product import Product
from apparch.pages.promised.bound.references import NAMES
from apparch.pages.written.data_files import read_data
from apparch.pages.written.sections import label
from apparch.pages.written.site import Site

RECORD = "docs/claims/diagrams.yaml"
FOLDER = "snippets/diagrams"
# Drawn from the workflows, line by line, by apparch.pages.drawn.release_flow.
DRAWN = frozenset({"flow"})
LABEL = re.compile(r"\"[^\"]*\"|\|[^|]*\||(?<=: ).+$|(?<= as ).+$|^(?:par|and|opt|alt|else|loop) .+$")
# What a label names by itself: variables, routes, file names, ids of documents, statuses of HTTP.
NAMED = re.compile(r"\b[A-Z]+_[A-Z_]+\b|(?<![\w.])/[a-z/]+[a-z]\b|\b[\w-]+\.(?:md|ya?ml|py)\b|\bARCH-[A-Z-]+\d+\b")
NUMBERED = re.compile(r'"?(?P<number>\d+(?:\.\d+)*) (?P<title>[A-Za-z][^"|]*)')
WORD = re.compile(r"[a-z][a-z0-9]{2,}")


@dataclass(frozen=True)
class Element:
    """A line of a diagram: nodes, an arrow, a note."""

    ko: str
    en: str
    by: tuple[str, ...]
    """The rules, sections and files that say so."""


def diagram_names(root: Path) -> list[str]:
    """The diagrams that people drew."""
    return sorted({file.name.split(".")[0] for file in (root / FOLDER).glob("*.mmd")} - DRAWN)


def undrawn(name: str, site: Site, product: Product) -> Iterator[str]:
    """What a diagram shows that is not so, differs between the languages, or is vouched for by nothing."""
    shown = {language: _lines(site.root / FOLDER / f"{name}.{language}.mmd") for language in LANGUAGES}
    claimed = [
        Element(str(entry["ko"]), str(entry["en"]), tuple(map(str, entry["by"])))
        for entry in (read_data(site.root, RECORD) or {}).get(name, [])
    ]
    for language in LANGUAGES:
        place = f"{FOLDER}/{name}.{language}.mmd"
        wanted = [element.ko if language == "ko" else element.en for element in claimed]
        have = [text for _, text in shown[language]]
        for number, text in shown[language]:
            if text not in wanted:
                yield f"{place}:{number}: {text!r} is vouched for by nothing; say in {RECORD} what makes it so"
        yield from (f"{RECORD}: {name}: {text!r}: {place} does not show it" for text in wanted if text not in have)
        if sorted(have) == sorted(wanted) and have != wanted:
            odd = next(one for one, other in zip(have, wanted, strict=True) if one != other)
            yield f"{place}: {odd!r} stands in another place than {RECORD} says; the order is part of what it shows"
        for number, text in shown[language]:
            for fault in _misnamed(text, language, site, product):
                yield f"{place}:{number}: {fault}"
    graphs = [[LABEL.sub("…", text) for _, text in shown[language]] for language in LANGUAGES]
    if graphs[0] != graphs[1]:
        ko, en = next((pair for pair in zip(*graphs, strict=False) if pair[0] != pair[1]), ("", ""))
        yield f"{FOLDER}/{name}: the languages draw different graphs: {ko!r} and {en!r}"
    for element in claimed:
        yield from (f"{RECORD}: {name}: {element.en!r}: {fault}" for fault in _unfounded(element, site, product))


def _lines(file: Path) -> list[tuple[int, str]]:
    lines = file.read_text("utf-8").split("\n")
    return [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip() not in ("", "end")]


def _misnamed(text: str, language: Language, site: Site, product: Product) -> Iterator[str]:
    for name in NAMED.findall(text):
        documents = {str(page.meta.get("document", {}).get("id")) for page in site.pages if page.document}
        known = name in product.variables or name in product.routes or name in documents or product.has_path(name)
        if not known:
            yield f"{name}: there is no such variable, route, file or document"
    for match in NUMBERED.finditer(text) if language == "en" else ():
        section = match.group("number").replace(".", "-")
        titles = [
            titles[section]
            for (page, other), titles in site.section_titles.items()
            if other == "en" and page.startswith("arch/") and section in titles
        ]
        if (
            "architecture" not in text
            and "." in match.group("number")
            and not any(_stems(match.group("title")) & _stems(title) for title in titles)
        ):
            yield f"{match.group('number')}: no section of that number is about {match.group('title')!r}"


def _unfounded(element: Element, site: Site, product: Product) -> Iterator[str]:
    """What an element is said to rest on and does not: it must exist and share a word with the element."""
    if not element.by:
        yield "names nothing that makes it so"
    said = _stems(" ".join(re.findall(r"[\"|:].*", element.en)))
    shared = False
    for source in element.by:
        text = _source(source, site, product)
        if text is None:
            yield f"{source}: no such rule, section or file"
        shared = shared or bool(said & _stems(text or ""))
    if said and not shared:
        yield f"{', '.join(element.by)} say nothing of it"


def _source(source: str, site: Site, product: Product) -> str | None:
    rule = site.catalogue.rules.get(source)
    if rule:
        return f"{rule.title.en} {rule.statement.en} {rule.reason.en}"
    document, _, title = source.partition(": ")
    stem = next((stem for stem, name in NAMES.items() if name == document), None)
    page = site.by_name.get((f"arch/{stem}", "en")) if stem else None
    if page:
        found = [section for section in page.sections if section.title.removeprefix(label(section.id)).strip() == title]
        return found[0].text if found else None
    file = product.root / source
    return file.read_text("utf-8") if file.is_file() else None


def _stems(text: str) -> set[str]:
    return {word[:4] for word in WORD.findall(re.sub(r"<[^>]*>", " ", text).lower())}
