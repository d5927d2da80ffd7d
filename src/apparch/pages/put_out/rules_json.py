"""`rules.json`: every rule with all that the site knows of it, as `rules.schema.json` describes it."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from apparch.catalogue import LANGUAGES, Family, Rule, Text
from apparch.catalogue.editions import current, history
from apparch.pages.drawn.status import status
from apparch.pages.put_out.addresses import address_of
from apparch.pages.written.site import DOCUMENTS, Page, Site

SCHEMA = "rules.schema.json"


def rules_json(site: Site) -> str:
    """The catalogue as one object, a rule a line."""
    rules = ",\n".join(_line(_rule(rule, site)) for rule in site.catalogue.rules.values())
    head = _line(
        {
            "$schema": f"{site.url}{SCHEMA}",
            "url": site.url,
            "edition": {"version": current().name, "date": current().date},
            "documents": [_document(page, site) for page in site.pages if page.document and page.language == "ko"],
            "runs": [asdict(run) for run in site.proofs.runs],
            "families": [_family(family, site) for family in site.catalogue.families],
        }
    )
    return f'{head[:-1]}, "rules": [\n{rules}\n]}}\n'


def schema() -> str:
    """The JSON Schema that the object keeps to."""
    return (files("apparch.catalogue") / SCHEMA).read_text("utf-8")


def _document(page: Page, site: Site) -> dict[str, Any]:
    about = page.meta.get("document") or {}
    return {
        "name": page.document,
        "id": str(about.get("id", "")),
        "version": str(about.get("version", "")),
        "updated": str(about.get("updated", "")),
        "title": {each: str(site.by_name[page.name, each].meta.get("title", "")) for each in LANGUAGES},
        "called": _both(DOCUMENTS[page.document or ""]),
        "url": {each: address_of(page.name, "top", each, site) for each in LANGUAGES},
    }


def _family(family: Family, site: Site) -> dict[str, Any]:
    return {
        "id": family.id,
        "title": _both(family.title),
        "document": family.document,
        "url": {each: address_of("rules/index", family.id.lower(), each, site) for each in LANGUAGES},
    }


def _rule(rule: Rule, site: Site) -> dict[str, Any]:
    return {
        "id": rule.id,
        "family": rule.id[:3],
        "level": rule.level,
        "owner": rule.owner,
        "since": rule.since,
        "history": [
            {"edition": edition.name, "date": edition.date, "changes": list(change.kinds)}
            for edition, change in history(rule.id)
        ],
        "replaced_by": rule.replaced_by,
        "url": {"any": site.neutral_url(rule.id), **{each: site.rule_url(rule.id, each) for each in LANGUAGES}},
        **{name: _both(getattr(rule, name)) for name in ("title", "statement", "reason", "repair")},
        "aliases": {name: list(getattr(rule.aliases, name)) for name in (*LANGUAGES, "both")},
        "applies": {"languages": list(rule.applies.languages), "files": list(rule.applies.files)},
        "judged": rule.id in site.examples,
        "document": rule.document,
        "section": rule.section,
        "cited": [
            {
                "page": name,
                "section": section,
                "url": {each: address_of(name, section, each, site) for each in LANGUAGES},
            }
            for name, section in _places(rule, site)
        ],
        "proof": {
            "by": rule.proof,
            "ran": list(site.proofs.kinds(rule.id)),
            "standing": status(rule, site),
            "tests": [asdict(proof) for proof in site.proofs.rules.get(rule.id, ())],
        },
        "review": rule.review and {name: _both(getattr(rule.review, name)) for name in ("question", "why")},
    }


def _places(rule: Rule, site: Site) -> list[tuple[str, str]]:
    """The rule's own section first, then all others that name it."""
    home = (f"arch/{rule.document}", rule.section)
    return [home, *(place for place in site.citations.get(rule.id, []) if place != home)]


def _both(text: Text) -> dict[str, str]:
    return {each: " ".join(text[each].split()) for each in LANGUAGES}


def _line(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False)
