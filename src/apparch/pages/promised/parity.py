"""Whether both languages say the same: their shape compared, each translated section confirmed by digest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import yaml

from apparch.catalogue import Rule
from apparch.catalogue.model import RULE_ID
from apparch.pages.drawn import directives
from apparch.pages.errors import PageError
from apparch.pages.written.data_files import read_data
from apparch.pages.written.fences import find_fences
from apparch.pages.written.links import WIKI
from apparch.pages.written.sections import Section
from apparch.pages.written.site import Page, Site

RECORD = "docs/translations.yaml"
LINK = re.compile(r"\]\(([^)\s]+)")


def differences(site: Site) -> list[str]:
    """Where the shape of a page differs between its languages: sections, includes, rules, links, directives."""
    found: list[str] = []
    names = sorted({page.name for page in site.pages})
    for name in names:
        korean, english = site.by_name.get((name, "ko")), site.by_name.get((name, "en"))
        if korean is None or english is None:
            found.append(f"docs/{name}: stands in one language only; write its counterpart")
            continue
        ids = [[section.id for section in page.sections] for page in (korean, english)]
        if ids[0] != ids[1]:
            ko_id, en_id = next(pair for pair in zip_longest(*ids, fillvalue=None) if pair[0] != pair[1])
            found.append(f"docs/{name}: sections differ: Korean {_shown(ko_id)}, English {_shown(en_id)}")
            continue
        for ko, en in zip(korean.sections, english.sections, strict=True):
            found += [f"docs/{name}#{ko.id}: {text}" for text in _section_differences(ko, en)]
    return found


def unconfirmed(site: Site) -> list[str]:
    """Translations whose source or whose own text changed since somebody confirmed that they agree."""
    record = _read(site.root)
    current = dict(_pairs(site))
    found = []
    for place, pair in current.items():
        known = record.get(place)
        if known == pair:
            continue
        side = "is new" if known is None else _changed(known, pair)
        found.append(f"{place}: {side}; compare both languages, then run ./dev confirm '{place}'")
    found += [f"{place}: is gone; run ./dev confirm all" for place in record.keys() - current.keys()]
    return found


def confirm(site: Site, places: Sequence[str]) -> list[str]:
    """Record that the named translations agree now; `all` confirms everything.

    Raises:
        PageError: no section or rule has that name.
    """
    record, current = _read(site.root), dict(_pairs(site))
    done: list[str] = []
    for place in places:
        names = [key for key in current if place in ("all", key, key.partition("#")[0])]
        if not names:
            raise PageError(f"{place}: no such page, section or rule")
        for name in names:
            if record.get(name) != current[name]:
                record[name] = current[name]
                done.append(f"confirmed {name}")
    kept = {key: record[key] for key in sorted(record) if key in current}
    lines = "# Digests of each section in Korean and English when somebody last confirmed that they agree.\n"
    (site.root / RECORD).write_text(lines + yaml.safe_dump(kept, sort_keys=False, width=120), "utf-8")
    return done


def _shown(section: str | None) -> str:
    return "none" if section is None else f"#{section}" if section else "one without an id"


def _section_differences(ko: Section, en: Section) -> Iterator[str]:
    if ko.level != en.level:
        yield f"heading levels differ: {ko.level} and {en.level}"
    for what, pair in {
        "includes": (_includes(ko.text), _includes(en.text)),
        "rules": (sorted(set(RULE_ID.findall(ko.text))), sorted(set(RULE_ID.findall(en.text)))),
        "wiki links": (_links(ko.text), _links(en.text)),
        "links": (sorted(LINK.findall(ko.text)), sorted(LINK.findall(en.text))),
        "directives": (_directives(ko.text), _directives(en.text)),
    }.items():
        if pair[0] != pair[1]:
            only = [entry for entry in pair[0] if entry not in pair[1]], [e for e in pair[1] if e not in pair[0]]
            yield f"{what} differ: only in Korean {only[0]}, only in English {only[1]}"


def _includes(text: str) -> list[str]:
    # A file made for one language has a counterpart whose name differs by that language alone.
    lines = [line.strip() for fence in find_fences(text) for line in fence.body]
    return [line.replace(".ko.", ".*.").replace(".en.", ".*.") for line in lines]


def _links(text: str) -> list[str]:
    return sorted(
        {f"{m.group('document') or ''} {m.group('section') or m.group('own') or ''}" for m in WIKI.finditer(text)}
    )


def _directives(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if directives.match(line)]


def _pairs(site: Site) -> Iterator[tuple[str, dict[str, str]]]:
    for page in site.pages:
        other = site.by_name.get((page.name, "en"))
        if page.language != "ko" or other is None:
            continue
        english = {section.id: section for section in other.sections}
        for section in page.sections:
            if section.id in english and section.id:
                texts = _merged(page, section), _merged(other, english[section.id])
                yield f"{page.name}#{section.id}", {"ko": _digest(texts[0]), "en": _digest(texts[1])}
    for rule in site.catalogue.rules.values():
        yield rule.id, {"ko": _digest(_texts(rule, 0)), "en": _digest(_texts(rule, 1))}


def _merged(page: Page, section: Section) -> str:
    # What stands before the first heading and the first heading share an id.
    return "\n".join(part.text for part in page.sections if part.id == section.id)


def _texts(rule: Rule, side: int) -> str:
    texts = [rule.title, rule.statement, rule.reason, rule.repair]
    texts += [rule.review.question, rule.review.why] if rule.review else []
    return "\n".join((text.ko, text.en)[side] for text in texts)


def _changed(known: dict[str, str], pair: dict[str, str]) -> str:
    if known.get("ko") != pair["ko"] and known.get("en") == pair["en"]:
        return "the Korean text changed and the English did not"
    if known.get("ko") == pair["ko"]:
        return "the English text changed and the Korean did not"
    return "both texts changed"


def _digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def _read(root: Path) -> dict[str, dict[str, str]]:
    return read_data(root, RECORD) or {}
