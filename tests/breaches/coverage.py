"""Which rules need breaches, and which of them lack some: listed in missing.yaml until the last has its three."""

from __future__ import annotations

from collections.abc import Container, Iterable
from pathlib import Path

import yaml

from apparch.catalogue import Catalogue
from apparch.pages.breaches import Breach
from apparch.pages.proofs import Proofs

MISSING = Path(__file__).parent / "missing.yaml"
KINDS = 3
"""How many breaches of different kinds a proof must have noticed."""


def needing(catalogue: Catalogue, pending: Container[str], record: Proofs | None = None) -> list[str]:
    """The rules whose proof runs or compares, or, as a record shows, asks a real tool; save those still to prove."""
    return [
        rule.id
        for rule in catalogue.rules.values()
        if rule.id not in pending
        and not rule.replaced_by
        and (rule.proof in ("run", "contract") or (record is not None and "tool" in record.kinds(rule.id)))
    ]


def lacking(rules: Iterable[str], breaches: Iterable[Breach]) -> dict[str, str]:
    """Each rule with fewer noticed breaches, or fewer kinds of them, than it needs; in words."""
    noticed: dict[str, list[str]] = {rule: [] for rule in rules}
    for breach in breaches:
        if breach.noticed_by and breach.subject in noticed:
            noticed[breach.subject].append(breach.kind)
    return {
        rule: f"{len(kinds)} noticed breaches of {len(set(kinds))} kinds; {KINDS} of {KINDS} are needed"
        for rule, kinds in noticed.items()
        if len(kinds) < KINDS or len(set(kinds)) < KINDS
    }


def missing(file: Path = MISSING) -> list[str]:
    """The rules that are known to lack some."""
    found: list[str] = yaml.safe_load(file.read_text("utf-8")) or []
    return found


def shrink(lack: Container[str], file: Path = MISSING) -> None:
    """Take out of the list what lacks nothing any more."""
    gone = {f"- {rule}" for rule in missing(file) if rule not in lack}
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if line.rstrip() not in gone), "utf-8")
