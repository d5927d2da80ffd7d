"""The texts of the project that speak of the repositories, line by line, with the place of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from apparch.catalogue import LANGUAGES, Language, Text
from apparch.catalogue.model import RULE_ID
from apparch.pages.promised.bound.comments import FOLDER, comments
from apparch.pages.written.data_files import read_data
from apparch.pages.written.fences import commented_lines, find_fences
from apparch.pages.written.sections import HEADING, Section, find_sections, label
from apparch.pages.written.site import Page, Site

ITEM = re.compile(r"\s*(?:[-*|]|\d+\.|!!!|\?\?\?)(?:\s|$)|\s*\||\[\[[a-z-]+(?::|\]\])")
WHOLE = "all"
"""The section of a text that has none."""
# What is no prose: code spans, directives, the targets of links, HTML, attribute lists, addresses.
CODE = re.compile(r"(?<!`)(`+)(?!`)(?P<code>.+?)(?<!`)\1(?!`)")
NUMBER = r"[\dA-E](?:\.\d+)*"
SPOKEN = re.compile(
    rf"(?P<named>[Mm]ain|App|Deploy|메인) (?:document|문서) (?P<numbers>{NUMBER}(?:(?:, | and ){NUMBER})*)"
    r"(?![0-9A-Za-z-]|\.\d)"
)
"""A reference in words, where no link can be: `App document 6.2`."""
MASKED = re.compile(
    rf"{CODE.pattern}|{SPOKEN.pattern}|\[\[[^\]]*\]\](?: (?:\d+(?:\.\d+)*|[A-E](?:\.\d+)?)(?![0-9A-Za-z]))?"
    r"|(?<=\])\([^)]*\)|<[^<>]*>|\{[#.:][^}]*\}|12-Factor|^ Twelve factors$|https?://\S+"
    rf"|{RULE_ID.pattern}|^\s*\d+\. |<!--.*?-->"
)


# What a reader fills in is told in prose, `sha-<40 hex digits>`, inside code as well.
LENGTH = re.compile(r"(?<=[<{])\d+(?=자| |-c)[^<>{}]*(?=[>}])")


@dataclass(frozen=True)
class Line:
    """One line of a text: a paragraph, an item, a row of a table, a comment."""

    file: str
    """Its file, from the repository's root."""
    number: int
    """Its line, counted from 1; the first line of its entry where YAML folds it."""
    section: str
    """The part of the text whose claims are looked at: a section's id, a rule's or finding's ID, or `all`."""
    text: str

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.number}"

    @property
    def prose(self) -> str:
        """The line with everything blanked that is no prose; positions stay as they are."""
        return MASKED.sub(_blanked, self.text)

    @property
    def names(self) -> Iterator[str]:
        """What its code spans hold."""
        for match in CODE.finditer(self.text):
            yield match.group("code").strip()


@dataclass(frozen=True)
class Writing:
    """A text in the languages that it has."""

    name: str
    """How its claims' file is called below docs/claims/: `arch/k8s_architecture`, `rules/IMG`, `findings`."""
    lines: Mapping[Language, tuple[Line, ...]]


def writings(site: Site) -> dict[str, Writing]:
    """Every text by its name."""
    found = [*_pages(site), *_rules(site), *_data(site), *_readmes(site.root), _comments(site.root)]
    return {writing.name: writing for writing in found}


def _blanked(match: re.Match[str]) -> str:
    told = LENGTH.search(match.group())
    blank = " " * len(match.group())
    return f"{blank[: told.start()]}{told.group()}{blank[told.end() :]}" if told else blank


def _pages(site: Site) -> Iterator[Writing]:
    for name in dict.fromkeys(page.name for page in site.pages):
        yield Writing(
            name,
            {
                language: tuple(_page(site.by_name[name, language]))
                for language in LANGUAGES
                if (name, language) in site.by_name
            },
        )


def _page(page: Page) -> Iterator[Line]:
    yield from _prose(f"docs/{page.file}", page.text, page.offset, lambda section: section.id or "top")


def _rules(site: Site) -> Iterator[Writing]:
    folder = "src/apparch/catalogue/rules"
    for family in site.catalogue.families:
        file = f"{folder}/{family.id}.yaml"
        at = _finder(site.root / file)
        lines: dict[Language, list[Line]] = {language: [] for language in LANGUAGES}
        for rule in family.rules:
            texts = [rule.title, rule.statement, rule.reason, rule.repair]
            texts += [rule.review.question, rule.review.why] if rule.review else []
            for text in texts:
                for language in LANGUAGES:
                    lines[language].append(Line(file, at(rule.id), rule.id, " ".join(text[language].split())))
        yield Writing(f"rules/{family.id}", {language: tuple(each) for language, each in lines.items()})


def _data(site: Site) -> Iterator[Writing]:
    findings = site.findings or {}
    entries = {
        "findings": (
            "docs/findings.yaml",
            [
                (entry["id"], Text(entry[field]["ko"], entry[field]["en"]))
                for entry in [*findings.get("findings", []), *findings.get("rulings", [])]
                for field in ("title", "found", "now", "was", "is", "why")
                if field in entry
            ],
        ),
        "glossary": (
            "docs/glossary.yaml",
            [(term.term.en, term.definition) for term in site.glossary if term.definition],
        ),
        "interface": ("docs/interface.yaml", list(_links(site.root))),
        "ledger": ("docs/ledger.yaml", list(site.ledger.items())),
    }
    for name, (file, texts) in entries.items():
        at = _finder(site.root / file)
        yield Writing(
            name,
            {
                language: tuple(Line(file, at(key), key, " ".join(text[language].split())) for key, text in texts)
                for language in LANGUAGES
            },
        )


def _links(root: Path) -> Iterator[tuple[str, Text]]:
    for entry in read_data(root, "docs/interface.yaml") or []:
        for text in entry.values():
            yield entry["link"]["en"], Text(**text) if isinstance(text, dict) else Text(text, text)


def _comments(root: Path) -> Writing:
    """What the shown files say of themselves; their sections are the files."""
    return Writing(
        "comments", {"en": tuple(Line(f"{FOLDER}/{path}", number, path, text) for path, number, text in comments(root))}
    )


def _readmes(root: Path) -> Iterator[Writing]:
    yield Writing("README", {"ko": tuple(_markdown(root, "README.ko.md")), "en": tuple(_markdown(root, "README.md"))})
    files = [
        "CONTRIBUTING.md",
        *sorted(file.relative_to(root).as_posix() for file in (root / "snippets").rglob("*.md")),
    ]
    # A tool's cache lies in a folder whose name begins with a dot, and may bring a README of its own; the trees
    # of the rules' examples speak of no product.
    for file in (name for name in files if "/." not in name and not name.startswith("snippets/rules/")):
        yield Writing(file.removesuffix(".md"), {"en": tuple(_markdown(root, file))})


def _markdown(root: Path, file: str) -> Iterator[Line]:
    if (root / file).is_file():
        yield from _prose(file, (root / file).read_text("utf-8"), 0, lambda _: WHOLE)


def _prose(file: str, text: str, offset: int, name: Callable[[Section], str]) -> Iterator[Line]:
    """Paragraphs, items and rows; what an author wrapped is joined again."""
    fenced = {number for fence in find_fences(text) for number in range(fence.first, fence.last + 1)}
    skipped = fenced | commented_lines(text) | _drawn(text)
    for section in find_sections(text):
        joined: list[tuple[int, str]] = []
        wraps = False
        for number, line in enumerate(section.text.split("\n"), section.line):
            heading = HEADING.match(line) if number - 1 not in skipped else None
            if heading:
                joined.append((number, _title(heading.group("title"), heading.group("id") or "")))
            prose = number - 1 not in skipped and bool(line.strip()) and not heading
            if prose and wraps and not ITEM.match(line):
                joined[-1] = joined[-1][0], f"{joined[-1][1]} {line.strip()}"
            elif prose:
                joined.append((number, line))
            wraps = prose and not line.lstrip().startswith("|") and not line.endswith("  ")
        yield from (Line(file, number + offset, name(section), line) for number, line in joined)


def _title(title: str, section: str) -> str:
    """A heading's words without its own number."""
    return re.sub(rf"^(?:(?:Appendix|부록) )?{re.escape(label(section))}(?= )", "", title) if section else title


def _drawn(text: str) -> set[int]:
    """The lines between `<!-- NAME -->` and `<!-- /NAME -->`, which are drawn from data and compared with it."""
    lines = text.split("\n")
    starts = {match.group(1): n for n, line in enumerate(lines) if (match := re.fullmatch(r"<!-- (\w+) -->", line))}
    ends = {match.group(1): n for n, line in enumerate(lines) if (match := re.fullmatch(r"<!-- /(\w+) -->", line))}
    return {n for name, start in starts.items() for n in range(start, ends.get(name, start) + 1)}


def _finder(file: Path) -> Any:
    text = file.read_text("utf-8") if file.is_file() else ""

    @cache  # One entry has many texts.
    def at(key: str) -> int:
        found = re.search(rf"\b{re.escape(key)}\b", text)
        return text.count("\n", 0, found.start()) + 1 if found else 1

    return at
