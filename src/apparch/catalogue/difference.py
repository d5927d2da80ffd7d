"""What changed in policy between two editions, told by what each rule demands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from apparch.catalogue.model import LANGUAGES, Language, Level, Text
from apparch.catalogue.policy import Demand, Edition

Kind = Literal["added", "retired", "strengthened", "weakened", "moved", "reworded", "proof"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""In the order of what a reader has to act on."""
CALLED: dict[Kind, Text] = {
    "added": Text("추가됨", "added"),
    "retired": Text("폐기됨", "retired"),
    "strengthened": Text("강해짐", "strengthened"),
    "weakened": Text("약해짐", "weakened"),
    "moved": Text("담당이 바뀜", "moved to the other repo"),
    "reworded": Text("문장이 바뀜", "reworded"),
    "proof": Text("증명이 바뀜", "proved otherwise"),
}
_STRENGTH: tuple[Level, ...] = ("MAY", "SHOULD", "MUST")


@dataclass(frozen=True)
class Change:
    """What became of one rule; it has one kind, or several where each was changed by itself."""

    rule: str
    kinds: tuple[Kind, ...]
    before: Demand | None
    """None for a rule that was not there."""
    after: Demand | None
    """None for a rule that is gone, which no edition of ours does to one."""
    reworded: tuple[Language, ...] = ()
    """The languages in which its sentence is another."""

    @property
    def told(self) -> Demand:
        """The rule as it is, or as it was where it is gone."""
        told = self.after or self.before
        assert told is not None
        return told


def compare(old: Edition, new: Edition) -> list[Change]:
    """Each rule that changed, in the newer edition's order, then those that are gone."""
    order = [*new.rules, *(rule for rule in old.rules if rule not in new.rules)]
    changes = (_change(rule, old.rules.get(rule), new.rules.get(rule)) for rule in order)
    return [change for change in changes if change.kinds]


def by_kind(changes: Sequence[Change]) -> Iterator[tuple[Kind, list[Change]]]:
    """The kinds that there are, each with its changes."""
    for kind in KINDS:
        found = [change for change in changes if kind in change.kinds]
        if found:
            yield kind, found


def counted(changes: Sequence[Change], language: Language) -> str:
    """How many changes of each kind there are, in one line; empty where there is none."""
    return ", ".join(
        f"{len(found)} {CALLED[kind].en}" if language == "en" else f"{CALLED[kind].ko} {len(found)}"
        for kind, found in by_kind(changes)
    )


def _change(rule: str, before: Demand | None, after: Demand | None) -> Change:
    if before is None or after is None:
        return Change(rule, ("added",) if before is None else ("retired",), before, after)
    if after.replaced_by and not before.replaced_by:
        return Change(rule, ("retired",), before, after)
    if before.replaced_by and not after.replaced_by:
        return Change(rule, ("added",), before, after)
    reworded = tuple(each for each in LANGUAGES if before.statement[each] != after.statement[each])
    kinds: list[Kind] = []
    step = _STRENGTH.index(after.level) - _STRENGTH.index(before.level)
    reach = _reach(before, after)
    if step > 0 or reach > 0:
        kinds.append("strengthened")
    if step < 0 or reach < 0:
        kinds.append("weakened")
    if after.owner != before.owner and not _widened(before, after):
        kinds.append("moved")
    # A sentence has the form of its level: another level words it anew, and that alone is no second change.
    if reworded and not step:
        kinds.append("reworded")
    if after.proof != before.proof:
        kinds.append("proof")
    return Change(rule, tuple(kinds), before, after, reworded)


def _reach(before: Demand, after: Demand) -> int:
    """Whether a rule binds more than it did (1), less (-1), or neither can be said."""
    if before.owner != after.owner and "both" in (before.owner, after.owner):
        return 1 if after.owner == "both" else -1
    old, new = set(before.languages), set(after.languages)
    if old == new:
        return 0
    if not new or (old and old < new):
        return 1
    return -1 if not old or new < old else 0


def _widened(before: Demand, after: Demand) -> bool:
    return "both" in (before.owner, after.owner)
