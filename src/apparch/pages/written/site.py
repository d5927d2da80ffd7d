"""Everything that a page may draw on, gathered once: the catalogue, the pages, the glossary, the proofs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from apparch.catalogue import LANGUAGES, Catalogue, Language, Text, load_catalogue, yaml_text
from apparch.catalogue.model import RULE_ID
from apparch.contract import Comparison, compare
from apparch.pages.breaches import Breach, read_breaches
from apparch.pages.errors import PageError
from apparch.pages.proofs import Proofs
from apparch.pages.written.data_files import read_data
from apparch.pages.written.examples import Example, read_examples
from apparch.pages.written.markup import Flavour
from apparch.pages.written.origin import Origin, read_origin
from apparch.pages.written.proof_sources import ProofSources
from apparch.pages.written.sections import Section, find_sections
from apparch.repository import Repository

DOCUMENTS: dict[str, Text] = {
    "k8s_architecture": Text("메인 문서", "Main document"),
    "k8s_app_architecture": Text("App 문서", "App document"),
    "k8s_sub_architecture": Text("Deploy 문서", "Deploy document"),
}
"""What the documents call each other, by the stem of their file names."""

MEASURED, RECORDED = "build/benchmarks", "docs/figures"
FRONT_MATTER = re.compile(r"\A---\n(?P<yaml>.*?)\n---\n+", re.DOTALL)


@dataclass(frozen=True)
class Page:
    """A page in one language, as its author wrote it."""

    name: str
    """Its path below docs/ without language and ending, such as `arch/k8s_architecture`."""
    language: Language
    text: str
    """Its Markdown behind the front matter."""
    meta: Mapping[str, Any]
    """Its front matter."""
    offset: int = 0
    """How many lines of its file stand before `text`."""
    flavour: Flavour = "site"
    """Whom it is expanded for."""

    @property
    def file(self) -> str:
        """Its file's path below docs/."""
        return f"{self.name}.md" if self.language == "ko" else f"{self.name}.{self.language}.md"

    @property
    def published(self) -> str:
        """Its path below the folder that the expanded pages are written to."""
        return f"{self.language}/{self.name}.md"

    @property
    def document(self) -> str | None:
        """Which of the three documents it is, if any."""
        stem = self.name.rpartition("/")[2]
        return stem if self.name.startswith("arch/") and stem in DOCUMENTS else None

    @cached_property
    def sections(self) -> list[Section]:
        """Its headings with what stands below each."""
        return find_sections(self.text)


@dataclass(frozen=True)
class Term:
    """An entry of the glossary: the one word for a thing in each language."""

    term: Text
    definition: Text | None = None
    """What it means; none where the word needs no explanation and only had to be chosen."""
    rejected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each language the words that are not used for it."""
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each language longer words in which a rejected one may stand."""
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each language other words that readers look for it by, which no text has to avoid."""

    def asked_for(self, language: Language) -> tuple[str, ...]:
        """What a reader may type who means it: loan words, synonyms, words that are not used here."""
        other = () if language == "en" or self.term["en"] == self.term[language] else (self.term["en"],)
        return tuple(dict.fromkeys((*other, *self.rejected.get(language, ()), *self.also.get(language, ()))))


@dataclass(frozen=True)
class Site:
    """All that pages are made from, and nothing that depends on how they are rendered."""

    root: Path
    """The repository."""
    url: str
    """Base of every permalink, with a slash at its end."""
    catalogue: Catalogue
    pages: tuple[Page, ...]
    """The pages that people wrote, in both languages."""
    glossary: tuple[Term, ...] = ()
    findings: Mapping[str, Any] | None = None
    """The defects that running the version before found, and the rulings that answered them."""
    ledger: Mapping[str, Text] = field(default_factory=dict)
    """Rules whose proof is still to come, each with what will bring it."""
    proofs: Proofs = field(default_factory=Proofs)
    origin: Origin | None = None
    """Where the repository itself is published, if anyone has said so."""

    @cached_property
    def by_name(self) -> dict[tuple[str, Language], Page]:
        """Each page by its name and language."""
        return {(page.name, page.language): page for page in self.pages}

    @cached_property
    def terms(self) -> dict[Language, dict[str, str]]:
        """For each language what its terms mean."""
        return {
            language: {term.term[language]: term.definition[language] for term in self.glossary if term.definition}
            for language in LANGUAGES
        }

    @cached_property
    def section_titles(self) -> dict[tuple[str, Language], dict[str, str]]:
        """For each page the titles of its sections by their ids."""
        return {
            key: {section.id: section.title for section in page.sections if section.id}
            for key, page in self.by_name.items()
        }

    @cached_property
    def chapters(self) -> dict[str, dict[str, str]]:
        """For each document, by its page's name, the chapter that a section stands in; what is before has none.

        A chapter goes by its own section's id, and is published at the document's address with that id behind it.
        """
        found: dict[str, dict[str, str]] = {}
        for page in self.pages:
            chapter = ""
            for section in page.sections if page.document and page.language == LANGUAGES[0] else ():
                chapter = section.id if section.chapter else chapter
                if chapter:
                    found.setdefault(page.name, {})[section.id] = chapter
        return found

    @cached_property
    def citations(self) -> dict[str, list[tuple[str, str]]]:
        """For each rule the pages and section ids that name it, in reading order, from the Korean pages."""
        found: dict[str, list[tuple[str, str]]] = {}
        for page in self.pages:
            if page.language != LANGUAGES[0]:
                continue
            for section in page.sections:
                for rule in dict.fromkeys(RULE_ID.findall(section.text)):
                    place = (page.name, section.id or "top")
                    if place not in found.setdefault(rule, []):
                        found[rule].append(place)
        return found

    @cached_property
    def found_about(self) -> dict[str, list[Mapping[str, Any]]]:
        """For each rule the findings and rulings that name it, in the order of their data."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for entry in [each for kind in ("findings", "rulings") for each in (self.findings or {}).get(kind, [])]:
            for rule in entry.get("rules", []):
                found.setdefault(rule, []).append(entry)
        return found

    @cached_property
    def proof_sources(self) -> ProofSources:
        """The tests behind the record and the breaches."""
        return ProofSources(self.root)

    @cached_property
    def breaches(self) -> tuple[Breach, ...]:
        """What the rules' proofs have been seen to notice, and what the rules allow.

        Raises:
            PageError: a breach cannot be read.
        """
        read = read_breaches(self.root, self.catalogue.rules)
        if read.problems:
            raise PageError("\n".join(read.problems))
        return read.all

    @cached_property
    def examples(self) -> Mapping[str, tuple[Example, ...]]:
        """For each judged rule the trees that break it and keep it."""
        return read_examples(self.root, self.catalogue.rules)

    @cached_property
    def contract(self) -> Comparison:
        """What the reference repositories promise each other, compared as `apparch contract` does."""
        return compare(Repository(self.root / "snippets/app"), Repository(self.root / "snippets/deploy"))

    @cached_property
    def release_matrix(self) -> str:
        """Trigger by tag by result (App document 4.2): the file whose every row the release tests execute."""
        return (self.root / "tests/release/matrix.yaml").read_text("utf-8")

    @cached_property
    def limits(self) -> list[Mapping[Language, str]]:
        """What the tests' stand-in cluster does not do, a sentence each."""
        return read_data(self.root, "tests/cluster/limits.yaml") or []

    @cached_property
    def vendors(self) -> list[Mapping[str, Any]]:
        """What was taken from vendors' documents instead of being run."""
        return read_data(self.root, "docs/vendors.yaml") or []

    @cached_property
    def paths(self) -> list[Mapping[str, Any]]:
        """What to read first, by role."""
        return read_data(self.root, "docs/paths.yaml") or []

    @cached_property
    def editions(self) -> list[Mapping[str, Any]]:
        """What the editions before held, the first one first."""
        return read_data(self.root, "docs/editions.yaml") or []

    @cached_property
    def interface(self) -> list[Mapping[str, Any]]:
        """The links that an image publishes."""
        return read_data(self.root, "docs/interface.yaml") or []

    @cached_property
    def benchmarks(self) -> dict[str, Any]:
        """For each benchmark its table and run: this build's own, else what is recorded; None where neither is."""
        names = [file.stem for file in self.root.glob("benchmarks/*.py")]
        own = {name: _measured(self.root / MEASURED / f"{name}.json") for name in names}
        return {name: own[name] or read_data(self.root, f"{RECORDED}/{name}.yaml") for name in names}

    def rule_url(self, rule_id: str, language: Language) -> str:
        """The permalink of a rule's page."""
        return f"{self.url}{'' if language == 'ko' else language + '/'}rules/{rule_id}/"

    def neutral_url(self, rule_id: str) -> str:
        """The permalink of a rule that leads to its page in the reader's language."""
        return f"{self.url}r/{rule_id}"


def load_site(root: Path, proofs: Path | None = None) -> Site:
    """Gather a repository's pages, catalogue, glossary, findings, ledger and, where there is one, its proof record.

    Raises:
        CatalogueError: a family file is wrong.
        PageError: a page's front matter or a data file is wrong.
    """
    docs = root / "docs"
    pages = tuple(_page(docs, file) for file in sorted(docs.rglob("*.md")))
    site = Site(
        root=root,
        url=_site_url(root),
        catalogue=load_catalogue(),
        pages=pages,
        glossary=tuple(_term(entry) for entry in read_data(root, "docs/glossary.yaml") or []),
        findings=read_data(root, "docs/findings.yaml"),
        ledger=_ledger(read_data(root, "docs/ledger.yaml") or {}),
        origin=read_origin(root),
    )
    return replace(site, proofs=Proofs.read(proofs)) if proofs else site


def _page(docs: Path, file: Path) -> Page:
    name = file.relative_to(docs).as_posix().removesuffix(".md")
    language: Language = "ko"
    for other in LANGUAGES[1:]:
        if name.endswith(f".{other}"):
            name, language = name.removesuffix(f".{other}"), other
    text = file.read_text("utf-8")
    front = FRONT_MATTER.match(text)
    try:
        meta = yaml_text.read(front.group("yaml")) if front else {}
    except yaml.YAMLError as error:
        raise PageError(f"docs/{name}: front matter is not readable as YAML: {error}") from error
    return Page(
        name, language, text[front.end() :] if front else text, meta or {}, front.group().count("\n") if front else 0
    )


def _term(entry: Mapping[str, Any]) -> Term:
    term = entry["term"]
    both = Text(**term) if isinstance(term, Mapping) else Text(str(term), str(term))
    definition = Text(**entry["definition"]) if "definition" in entry else None
    rejected, kept, also = (_words(both.ko, name, entry.get(name)) for name in ("not", "except", "also"))
    return Term(both, definition, rejected, kept, also)


def _words(term: str, field: str, entry: Any) -> dict[str, tuple[str, ...]]:
    words = entry if entry is not None else {}
    lists = isinstance(words, Mapping) and all(isinstance(listed, list) for listed in words.values())
    if not lists or not words.keys() <= set(LANGUAGES):
        raise PageError(f"docs/glossary.yaml: {term}: {field} needs a list of words for ko, for en, or for both")
    return {language: tuple(map(str, listed)) for language, listed in words.items()}


def _measured(file: Path) -> Any:
    """What a benchmark wrote, in the form that tells its run; a file of an older form is left out."""
    figures = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return figures if isinstance(figures, dict) and {"report", "run"} <= figures.keys() else None


def _ledger(data: Mapping[str, Any]) -> dict[str, Text]:
    entries: dict[str, Text] = {}
    for rule, text in (data.get("not_yet") or {}).items():
        match text:
            case {"ko": str(ko), "en": str(en)} if len(text) == 2 and ko.strip() and en.strip():
                entries[str(rule)] = Text(" ".join(ko.split()), " ".join(en.split()))
            case _:
                raise PageError(f"docs/ledger.yaml: {rule}: what will prove it needs a text in ko and in en")
    return entries


def _site_url(root: Path) -> str:
    override = os.environ.get("APPARCH_DOCS_URL")
    if override:
        return override.rstrip("/") + "/"
    match = re.search(
        r"^site_url: *(?:!ENV *\[[^,]*, *)?[\"']?([^\"'\]\s]+)", (root / "mkdocs.yml").read_text("utf-8"), re.M
    )
    if not match:
        raise PageError("mkdocs.yml: site_url is missing; every permalink is built from it")
    return match.group(1).rstrip("/") + "/"
