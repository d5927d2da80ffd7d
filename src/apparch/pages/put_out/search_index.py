"""What the search of a language's site looks in: its rules, sections and pages, and the words that mean the same."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from apparch.catalogue import LANGUAGES, Language, Rule
from apparch.pages.drawn.labels import OWNERS
from apparch.pages.written.fences import find_fences
from apparch.pages.written.prose import CODE, spoken
from apparch.pages.written.search_words import SearchWords, load_search_words
from apparch.pages.written.sections import Section
from apparch.pages.written.site import DOCUMENTS, Page, Site

Kind = Literal["rule", "section", "page", "symbol"]

FILE = "search/places.json"
"""Where a language's index is, below the root of its site."""

SHOWN = 480
"""How many characters of a section an excerpt is taken from; of what follows, each word is looked in once."""

# What speaks of the site or of other places: rows about rules with their head, lines below code, lists of links, and
# what is marked so that a search passes over it.
ELSEWHERE = re.compile(
    r"^(?:\|.*\|\n\| *-[ |:-]+\n)?(?:\| \[[A-Z]{3}[0-9]{3}\]\(.*\n?)+"
    r"|^\[[^\]]+\]\([^)]*source/.*\n?(?:\{.*\}\n?)?"
    r"|^<div class=\"[^\"]*\" data-search-exclude markdown>$(?s:.*?)^</div>$"
    r"|^<div class=\"document-card\"(?s:.*?)^</div>$"
    r"|^ *(?:\[[^\]]*\]\([^)]*\)(?:\{[^}]*\})?(?: · )?)+$"
    r"|^\|[ |:-]+$|^::: .*|^ *\{ ?[.#:][^}]*\}$",
    re.MULTILINE,
)
MARKS = re.compile(r"^ *(?:#+|[-*>]|\d+\.|(?:!!!|\?\?\?\+?) [\w-]+|===) +|\\(?=[|<>_*])", re.MULTILINE)
EMPHASIS = re.compile(r"(?<![*\w`])\*(?=[^*\s])([^*`\n]*)\*(?![*\w])")
KEPT = "\ue000"
"""What stands for a piece of code while markup is taken from the text around it."""
CELLS = re.compile(r" *(?<!\\)\| *")
NAME = re.compile(r"[A-Za-z_./$@][\w./:@$-]{2,}")


@dataclass(frozen=True)
class Place:
    """A place of the site that a search may lead to."""

    kind: Kind
    at: str
    """Its address below the root of its language's site."""
    title: str
    within: tuple[str, ...]
    """What it belongs to, from the outside in: a document and a chapter, a level and an owner."""
    text: str
    """What an excerpt is taken from."""
    more: str = ""
    """What is looked in as well, and never shown."""
    names: tuple[str, ...] = ()
    """What readers call it."""


def search_files(
    site: Site, pages: Sequence[Page], symbols: Mapping[str, Sequence[tuple[str, str]]]
) -> Iterator[tuple[str, str]]:
    """Each file that the search reads, as its path below the site's root with its text."""
    words = load_search_words(site.root)
    for language in LANGUAGES:
        root = "" if language == LANGUAGES[0] else f"{language}/"
        index = search_index(site, pages, symbols, language, words)
        text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
        yield f"{root}{FILE}", unicodedata.normalize("NFC", text)
        # Material asks for its own index on every page; it marks words in a page by what stands there.
        yield f"{root}search/search_index.json", json.dumps({"config": {"separator": r"[\s\-]+"}, "docs": []})


def search_index(
    site: Site,
    pages: Iterable[Page],
    symbols: Mapping[str, Sequence[tuple[str, str]]],
    language: Language,
    words: SearchWords,
) -> dict[str, Any]:
    """The index of a language.

    Args:
        pages: the pages with the text that they are published with; one whose front matter has `search: {exclude:
            true}` is left out, and `names` are what readers call it.
        symbols: for each page that documents code, the ids and titles of what it documents.
        words: what readers say in other words than the texts.
    """
    named = words.names.get(language, {})
    places = [*_rules(site, language), *_sections(pages, language, named), *_symbols(symbols)]
    return {
        "language": language,
        "families": [family.id for family in site.catalogue.families],
        "synonyms": [
            *([term.term[language], *said] for term in site.glossary if (said := term.asked_for(language))),
            *words.synonyms.get(language, ()),
        ],
        "places": [{key: value for key, value in vars(place).items() if value or key == "at"} for place in places],
    }


def _rules(site: Site, language: Language) -> Iterator[Place]:
    families = {rule.id: family.title[language] for family in site.catalogue.families for rule in family.rules}
    for rule in site.catalogue.rules.values():
        more = [rule.reason[language], rule.repair[language]]
        more += [rule.review.question[language]] if rule.review else []
        # Who reads Korean types English words too.
        more += [rule.title.en] if language != "en" else []
        yield Place(
            kind="rule",
            at=f"rules/{rule.id}/",
            title=f"{rule.id} {_plain(rule.title[language])}",
            within=(rule.level, OWNERS[rule.owner][language], families[rule.id]),
            text=_plain(rule.statement[language]),
            more=_plain(" ".join(more)),
            names=_names(rule, language),
        )


def _names(rule: Rule, language: Language) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*rule.aliases[language], *(rule.aliases["en"] if language != "en" else ()))))


def _sections(pages: Iterable[Page], language: Language, named: Mapping[str, tuple[str, ...]]) -> Iterator[Place]:
    for page in pages:
        if page.language != language or "rule" in page.meta or (page.meta.get("search") or {}).get("exclude"):
            continue
        title = _title(page)
        document = next((DOCUMENTS[part][language] for part in page.name.split("/") if part in DOCUMENTS), title)
        path = f"{page.name}/".removesuffix("index/")
        # What stands before and below the page's own heading, and then each section.
        own = [section for section in page.sections if section.level <= 1]
        names = (*map(str, page.meta.get("names") or ()), *named.get(path.removesuffix("/"), ()))
        yield replace(_place("page", path, title, (document,), "\n".join(map(_below, own))), names=names)
        for section in page.sections:
            if section.level > 1 and section.id:
                within = tuple(dict.fromkeys((document, title)))
                names = named.get(f"{path.removesuffix('/')}#{section.id}", ())
                place = _place("section", f"{path}#{section.id}", _plain(section.title), within, _below(section))
                yield replace(place, names=names)


def _place(kind: Kind, at: str, title: str, within: tuple[str, ...], markdown: str) -> Place:
    text, code = _text(markdown)
    shown = text if len(text) <= SHOWN else text[:SHOWN].rsplit(" ", 1)[0]
    rest = dict.fromkeys(text[len(shown) :].split())
    return Place(kind, at, title, tuple(each for each in within if each != title), shown, " ".join((*rest, *code)))


def _below(section: Section) -> str:
    return section.text.partition("\n")[2] if section.level else section.text


def _symbols(symbols: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[Place]:
    for page, found in symbols.items():
        for anchor, title in found:
            yield Place("symbol", f"{page}#{anchor}", title, (anchor,), "")


def _title(page: Page) -> str:
    heading = next((section for section in page.sections if section.level == 1), None)
    return _plain(heading.title if heading else str(page.meta.get("title") or page.name))


def _text(markdown: str) -> tuple[str, tuple[str, ...]]:
    """The prose of a part of a page, and the names that stand in its code, each once."""
    lines = markdown.split("\n")
    prose: list[str] = []
    code: dict[str, None] = {}
    done = 0
    for fence in find_fences(markdown):
        prose += lines[done : fence.first]
        code |= dict.fromkeys(NAME.findall("\n".join(fence.body)))
        done = fence.last + 1
    kept = ELSEWHERE.sub("", "\n".join([*prose, *lines[done:]]))
    return _plain("\n".join(_cells(line) for line in kept.split("\n"))), tuple(code)


def _cells(line: str) -> str:
    return CELLS.sub(" · ", line.strip("| ")) if line.startswith("|") else line


def _plain(markdown: str) -> str:
    """A text as it is read: no markup but what code shows, one space between words."""
    code = [match.group(2) for match in CODE.finditer(markdown)]
    read = "\n".join(map(spoken, CODE.sub(KEPT, markdown).split("\n")))
    shown = iter(code)
    return " ".join(re.sub(KEPT, lambda _: next(shown), MARKS.sub("", EMPHASIS.sub(r"\1", read))).split())
