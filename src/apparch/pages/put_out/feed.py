"""The Atom feed of what the editions changed in policy, an entry an edition."""

from __future__ import annotations

import html
from collections.abc import Sequence
from xml.etree import ElementTree

from apparch.catalogue import Language, Text
from apparch.catalogue.difference import CALLED, Change, by_kind, counted
from apparch.catalogue.editions import steps
from apparch.catalogue.policy import Edition
from apparch.pages.drawn.policy_changes import anchor
from apparch.pages.put_out.addresses import address_of
from apparch.pages.written.site import Site

ATOM = "http://www.w3.org/2005/Atom"
NAME = "changes.atom"
PAGE = "rules/changes"
TITLE = Text("apparch: 판마다 바뀐 규칙", "apparch: what each edition changed in the rules")


def feed(site: Site, language: Language) -> str:
    """The feed in a language, the newest edition first; one that is not recorded yet is dated by its documents."""
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": language})
    page = address_of(PAGE, "top", language, site)
    own = f"{site.url}{'' if language == 'ko' else f'{language}/'}{NAME}"
    newest_first = [(new, changes) for old, new, changes in reversed(steps()) if old]
    _add(root, "id", page)
    _add(root, "title", TITLE[language])
    _add(root, "updated", max(_time(new, site) for new, _ in newest_first) if newest_first else _time(None, site))
    _add(root, "link", rel="self", type="application/atom+xml", href=own)
    _add(root, "link", rel="alternate", type="text/html", href=page)
    _add(_add(root, "author"), "name", "apparch")
    for new, changes in newest_first:
        entry, address = _add(root, "entry"), address_of(PAGE, anchor(new), language, site)
        _add(entry, "id", address)
        _add(entry, "title", f"{new.name}: {counted(changes, language)}")
        _add(entry, "updated", _time(new, site))
        _add(entry, "link", rel="alternate", type="text/html", href=address)
        _add(entry, "content", _content(changes, language, site), type="html")
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _content(changes: Sequence[Change], language: Language, site: Site) -> str:
    """Each changed rule with its sentence as it is now, by the kind of change."""
    parts = []
    for kind, found in by_kind(changes):
        items = "".join(
            f'<li><a href="{site.rule_url(each.rule, language)}">{each.rule}</a> {each.told.level}: '
            f"{html.escape(each.told.statement[language], quote=False)}</li>"
            for each in found
        )
        parts.append(f"<h3>{CALLED[kind][language]}</h3><ul>{items}</ul>")
    return "".join(parts)


def _time(edition: Edition | None, site: Site) -> str:
    documents = (page.meta.get("document") or {} for page in site.pages)
    updated = max((str(about["updated"]) for about in documents if about.get("updated")), default="1970-01-01")
    return f"{(edition and edition.date) or updated}T00:00:00Z"


def _add(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, tag, attributes)
    child.text = text
    return child
