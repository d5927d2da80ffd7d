"""The rule IDs and section ids that were published once: links to them never break."""

from __future__ import annotations

from typing import Any

import yaml

from apparch.pages.site import Site

RECORD = "docs/published.yaml"
HEADER = "# Every rule ID and section id that was ever published. The list only grows: `./dev publish` adds, nothing removes.\n"


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


def publish(site: Site) -> list[str]:
    """Add every new ID to the list; the lines say which."""
    added, record, current = unpublished(site), _read(site), _current(site)
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
    file = site.root / RECORD
    data = (yaml.safe_load(file.read_text("utf-8")) or {}) if file.is_file() else {}
    return {"rules": data.get("rules", []), "sections": data.get("sections", {})}
