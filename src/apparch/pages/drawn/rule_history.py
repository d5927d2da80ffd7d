"""What a rule's page tells of its history: what each edition made of it."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.catalogue import Language, Rule, Text
from apparch.catalogue.difference import CALLED, Change
from apparch.catalogue.editions import history as changes_of
from apparch.catalogue.policy import Demand, Edition
from apparch.catalogue.why_changed import why
from apparch.pages.drawn.labels import OWNERS
from apparch.pages.drawn.policy_changes import COMING, PROVED_BY, anchor
from apparch.pages.written.site import Site

HISTORY = Text("이력", "History")
ADDED = Text("규칙이 되었다", "It became a rule")
BEFORE = Text("이전 문장: {}", "Before: {}")
REASON = Text("까닭: {}", "Why: {}")
WHY = Text("까닭은 판정 {}에 있다.", "Ruling {} says why.")


def history(rule: Rule, language: Language, site: Site) -> list[str]:
    """Each edition that added or changed it, with what it was before and why; the rulings tell the story."""
    lines = [line for edition, change in changes_of(rule.id) for line in _told(edition, change, language)]
    if not lines:
        return []
    rulings = [each for each in site.found_about.get(rule.id, []) if "was" in each]
    named = ", ".join(f"[{each['id']}](../start/execution.md#{each['id'].lower()})" for each in rulings)
    why = [WHY[language].format(named), ""] if rulings else []
    return [f"## {HISTORY[language]} {{#history}}", "", *lines, "", *why]


def _told(edition: Edition, change: Change, language: Language) -> Iterator[str]:
    when = edition.date or COMING[language]
    name = f"[{edition.name}](changes.md#{anchor(edition)}) ({when})"
    if change.before is None or change.after is None:
        yield f"- {name}: {ADDED[language] if change.after else CALLED['retired'][language]}"
        return
    kinds = ", ".join(CALLED[kind][language] for kind in change.kinds)
    yield f"- {name}: {kinds}{_step(change.before, change.after, language)}"
    if language in change.reworded:
        yield f"    - {BEFORE[language].format(' '.join(change.before.statement[language].split()))}"
    if reason := why(change, edition.name):
        yield f"    - {REASON[language].format(reason[language])}"


def _step(before: Demand, after: Demand, language: Language) -> str:
    """From what to what, where it is a word."""
    steps = [
        (before.level, after.level),
        (OWNERS[before.owner][language], OWNERS[after.owner][language]),
        (PROVED_BY[before.proof][language], PROVED_BY[after.proof][language]),
    ]
    told = ", ".join(f"{old} → {new}" for old, new in steps if old != new)
    return f" ({told})" if told else ""
