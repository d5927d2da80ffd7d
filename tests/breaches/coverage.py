"""Which rules need breaches, and which of them lack some."""

from __future__ import annotations

from collections.abc import Container, Iterable

from apparch.catalogue import Catalogue
from apparch.pages.breaches import Breach
from apparch.pages.proofs import Proofs

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
