"""What the page tells of one repository below the table: what it has to change, what it may, what it waives."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from apparch.catalogue.model import Language, Text
from apparch.fleet.model import Fleet, Row
from apparch.fleet.words import update
from apparch.repository.safe_text import printable

Names: TypeAlias = Callable[[str], "tuple[Text, str] | None"]
"""A rule's title and address; None for what is no rule of the catalogue."""
_MUST = Text(ko="따라야 하는 템플릿 변경", en="Template changes that it must follow")
_MAY = Text(ko="선택할 수 있는 템플릿 변경", en="Template changes that it may decline")
_FINDINGS = Text(ko="지적", en="Findings")
_CONTRACT = Text(ko="계약", en="Contract")
_WAIVERS = Text(ko="면제", en="Waivers")
_DECLINED = Text(ko="사양한 템플릿 변경", en="Template changes that it declined")
_DIVERGED = Text(ko="템플릿과 다르게 두는 파일", en="Files kept otherwise than the template")
_UPDATE = Text(ko="업데이트", en="Update")
_NONE = Text(ko="남은 일이 없다.", en="Nothing to do.")


def details(row: Row, at: int, fleet: Fleet, names: Names, language: Language) -> Iterator[str]:
    """The section of the row at a position."""
    yield f'<section class=repo id="r{at}">\n<h2><a href="#t{at}">{said(row.name)}</a></h2>\n'
    yield f"<p class=place>{said(row.place)}</p>\n"
    if row.unread:
        yield f"<p class=bad>{said(row.unread[language])}</p>\n"
    lists = [
        (_UPDATE, _worked(row, language)),
        (_MUST, [_changed(name, fleet, names, language) for name in row.template.must]),
        (_FINDINGS, _found(row, names, language)),
        (_CONTRACT, list(_agreed(row, names, language))),
        (_MAY, [_changed(name, fleet, names, language) for name in row.template.may]),
        (_DECLINED, [f"{_changed(each.change, fleet, names, language)} {said(each.reason)}"
                     for each in row.template.declined]),
        (_DIVERGED, [_ends(each.path, each.reason, each.until.isoformat(), each.until < fleet.today, language)
                     for each in row.template.diverged]),
        (_WAIVERS, [_ends(f"{each.rule} {each.path}", f"{each.reason} ({each.owner})", each.until.isoformat(),
                          each.until < fleet.today, language) for each in row.waivers]),
    ]  # fmt: skip
    for title, items in lists:
        yield from _listed(title[language], items)
    if not row.unread and not any(items for _, items in lists):
        yield f"<p>{said(_NONE[language])}</p>\n"
    yield "</section>\n"


def said(text: str) -> str:
    """A text as HTML that shows it as it stands, on one line, and is safe within an attribute."""
    return html.escape(printable(text))


def link(address: str, text: str) -> str:
    """A link to a place of the page, or to an address that is http; any other is shown and leads nowhere."""
    safe = address.startswith(("#", "https://", "http://"))
    return f'<a href="{said(address)}">{said(text)}</a>' if safe else said(text)


def _listed(title: str, items: Iterable[str]) -> Iterator[str]:
    items = list(items)
    if items:
        yield f"<h3>{said(title)}</h3>\n<ul>\n"
        yield from (f"<li>{item}</li>\n" for item in items)
        yield "</ul>\n"


def _rule(rule: str, names: Names, language: Language, *, title: bool = True) -> str:
    known = names(rule)
    if known is None:
        return said(rule)
    shown = link(known[1], rule)
    return f"{shown} {said(known[0][language])}" if title else shown


def _changed(name: str, fleet: Fleet, names: Names, language: Language) -> str:
    change = fleet.change(name)
    if change is None:
        return said(name)
    rules = ", ".join(_rule(rule, names, language, title=False) for rule in change.rules)
    return f"<b>{said(change.version)}</b> {said(change.what[language])}{f' ({rules})' if rules else ''}"


def _found(row: Row, names: Names, language: Language) -> list[str]:
    order = {"MUST": 0, "SHOULD": 1, "MAY": 2}
    counts = sorted((each for each in row.counts if each.new), key=lambda each: (order[each.level], each.rule))
    return [
        f"<b class={each.level.lower()}>{each.level}</b> {_rule(each.rule, names, language)} &times; {each.new:d}"
        for each in counts
    ]


def _agreed(row: Row, names: Names, language: Language) -> Iterator[str]:
    for each in row.contracts:
        if each.state == "unknown":
            yield f"{said(each.partner)}: {said(each.reason[language] if each.reason else '?')}"
        for rule, count in each.rules.items():
            yield f"{said(each.partner)}: {_rule(rule, names, language)} &times; {count:d}"


def _ends(what: str, why: str, until: str, over: bool, language: Language) -> str:
    told = f"{until}까지" if language == "ko" else f"until {until}"
    end = ("끝났다" if language == "ko" else "over") if over else ""
    return f"{said(what)} <b{' class=bad' if over else ''}>{said(f'{told} {end}'.strip())}</b> {said(why)}"


def _worked(row: Row, language: Language) -> list[str]:
    if not row.update:
        return []
    told = update(row, language)
    address, reason = row.update.pull_request, row.update.reason
    return [f"{link(address, told) if address else said(told)}{f': {said(reason)}' if reason else ''}"]
