"""The rule IDs and section ids that were published once, the rules that may still lack a proof: promises kept."""

from __future__ import annotations

from typing import Any

import yaml

from apparch.pages.written.data_files import read_data
from apparch.pages.written.site import Site

RECORD = "docs/published.yaml"
HEADER = (
    "# Every rule ID and section id that was ever published. It only grows: `./dev publish` adds, nothing removes.\n"
)


def missing(site: Site) -> list[str]:
    """Published IDs that are gone, each with what to do."""
    record, current = _read(site), _current(site)
    found = [
        f"{rule}: was published and is gone; keep its page and say replaced_by in the catalogue"
        for rule in record["rules"]
        if rule not in current["rules"]
    ]
    for page, ids in record["sections"].items():
        for section in ids:
            if section not in current["sections"].get(page, []):
                found.append(f"docs/{page}: section #{section} was published and is gone; restore its id")
    return found


def unpublished(site: Site) -> list[str]:
    """IDs that are on the site and not yet on the list."""
    record, current = _read(site), _current(site)
    found = [rule for rule in current["rules"] if rule not in record["rules"]]
    for page, ids in current["sections"].items():
        found += [f"{page}#{section}" for section in ids if section not in record["sections"].get(page, [])]
    return found


def unproved(site: Site) -> list[str]:
    """Rules that nothing vouches for: no proof in this run, no reviewer's question, no entry in the ledger."""
    return [
        f"{rule.id}: no test of this run proves it; mark the test that does, or list the rule in docs/ledger.yaml"
        for rule in site.catalogue.rules.values()
        if rule.proof != "review" and rule.id not in site.ledger and not site.proofs.proves(rule.id)
    ]


def ledger_faults(site: Site) -> list[str]:
    """Entries of the ledger that should not stand there; it only ever shrinks."""
    record = _read(site)
    found = [f"docs/ledger.yaml: {rule}: {fault}" for rule in site.ledger if (fault := _fault(rule, site, record))]
    return found + [
        f"{RECORD}: {rule} has left the ledger; run ./dev publish, so that it stays out"
        for rule in record["ledger"]
        if rule not in site.ledger
    ]


def _fault(rule: str, site: Site, record: dict[str, Any]) -> str | None:
    known = site.catalogue.rules.get(rule)
    if known is None:
        return "no such rule in the catalogue; remove the entry"
    if known.proof == "review":
        return "is proved by review; remove the entry"
    if site.proofs.proves(rule):
        return "is proved in this run; remove the entry"
    if rule not in record["ledger"]:
        published = "the ledger only shrinks; write the rule's proof"
        return published if rule in record["rules"] else "is not published yet; run ./dev publish"
    return None


def publish(site: Site) -> list[str]:
    """Add every new ID to the list; the lines say which. The ledger takes in new rules alone, and loses the rest."""
    added, record, current = unpublished(site), _read(site), _current(site)
    record["ledger"] = sorted(
        rule for rule in site.ledger if rule in record["ledger"] or (rule in added and rule in current["rules"])
    )
    record["rules"] = sorted({*record["rules"], *current["rules"]})
    for page, ids in current["sections"].items():
        known = record["sections"].get(page, [])
        record["sections"][page] = known + [section for section in ids if section not in known]
    record["sections"] = dict(sorted(record["sections"].items()))
    text = yaml.safe_dump(record, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
    (site.root / RECORD).write_text(HEADER + text, "utf-8")
    return [f"published {name}" for name in added]


def _current(site: Site) -> dict[str, Any]:
    sections = {
        page.name: list(dict.fromkeys(section.id for section in page.sections if section.id not in ("", "top")))
        for page in site.pages
        if page.language == "ko"
    }
    return {"rules": list(site.catalogue.rules), "sections": {page: ids for page, ids in sections.items() if ids}}


def _read(site: Site) -> dict[str, Any]:
    data = read_data(site.root, RECORD) or {}
    return {key: data.get(key) or empty() for key, empty in (("rules", list), ("ledger", list), ("sections", dict))}
