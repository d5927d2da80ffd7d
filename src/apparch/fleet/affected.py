"""Whom a template version or a rule concerns: who must change something, who may, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from apparch.catalogue.model import Text
from apparch.fleet.model import Fleet, FleetError, Row
from apparch.template.versions import Change, Version

Concern = Literal["must", "may", "waived", "unknown"]
"""Has to change; may, and has not; is excused until a day; what its files do not tell."""
_VERSION = re.compile(r"v?\d+\.\d+\.\d+")
_RULE = re.compile(r"[A-Z]{3}[0-9]{3}|WAIVER|UNREADABLE")


@dataclass(frozen=True)
class Reason:
    """Why a repository is concerned."""

    concern: Concern
    told: Text
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Affected:
    """One repository that is concerned."""

    name: str
    reasons: tuple[Reason, ...]

    @property
    def must(self) -> bool:
        """Whether it has to change something."""
        return any(each.concern == "must" for each in self.reasons)


def affected(fleet: Fleet, by: str) -> tuple[Affected, ...]:
    """The repositories that a template version or a rule concerns, in the order of the rows.

    Raises:
        FleetError: it is neither a version of the template nor the form of a rule's ID.
    """
    version = fleet.versions.find(by)
    if version is None and _VERSION.fullmatch(by):
        known = ", ".join(each.version for each in fleet.versions.all)
        raise FleetError(f"the template has no version {by}; there are {known}")
    if version is None and not _RULE.fullmatch(by):
        raise FleetError(f"{by} is neither a version like 3.1.0 nor a rule like IMG002")
    found = (
        Affected(row.name, tuple(_by_version(fleet, row, version) if version else _by_rule(fleet, row, by)))
        for row in fleet.rows
    )
    return tuple(each for each in found if each.reasons)


def _by_version(fleet: Fleet, row: Row, version: Version) -> Iterator[Reason]:
    ids = {change.id for each in fleet.versions.all if _reaches(fleet, each, version) for change in each.changes}
    yield from _unknown(row)
    lacking = [name for name in (*row.template.must, *row.template.may) if name in ids]
    for change in filter(None, map(fleet.change, lacking)):
        yield _lacks(change)
    yield from _excused(row, [change for each in fleet.versions.all for change in each.changes if change.id in ids])


def _reaches(fleet: Fleet, each: Version, to: Version) -> bool:
    """Whether a version is that one or an older one."""
    return fleet.versions.all.index(each) >= fleet.versions.all.index(to)


def _by_rule(fleet: Fleet, row: Row, rule: str) -> Iterator[Reason]:
    if row.unread:
        yield Reason("unknown", row.unread)
        return
    for each in row.counts:
        if each.rule == rule and each.new:
            yield Reason("must", Text(ko=f"지적 {each.new}건", en=_counted(each.new, "finding")), (rule,))
        if each.rule == rule and each.waived:
            ends = [waiver.until for waiver in row.waivers if waiver.rule == rule]
            end = min(ends).isoformat() if ends else "?"
            told = Text(ko=f"{end}까지 면제 {each.waived}건", en=f"{each.waived} waived until {end}")
            yield Reason("waived", told, (rule,))
    for contract in row.contracts:
        if count := contract.rules.get(rule, 0):
            told = Text(
                ko=f"계약이 {count}건 어긋난다(짝: {contract.partner})",
                en=f"the contract with {contract.partner} breaks it {count} time{'s' if count > 1 else ''}",
            )
            yield Reason("must", told, (rule,))
    for change in filter(None, map(fleet.change, (*row.template.must, *row.template.may))):
        if rule in change.rules:
            yield _lacks(change)
    everything = [change for each in fleet.versions.all for change in each.changes]
    yield from _excused(row, [change for change in everything if rule in change.rules])


def _unknown(row: Row) -> Iterator[Reason]:
    if row.unread:
        yield Reason("unknown", row.unread)
    elif row.template.state == "none" and row.kind not in ("neither", ""):
        yield Reason("unknown", Text(ko="어느 템플릿에서 왔는지 적혀 있지 않다", en="it records no template"))
    elif row.template.state == "unknown" and row.template.reason:
        yield Reason("unknown", row.template.reason)


def _lacks(change: Change) -> Reason:
    rules = f" ({', '.join(change.rules)})" if change.rules else ""
    ko, en = f"{change.version} {change.what.ko}", f"{change.version} {change.what.en}"
    return Reason(change.level, Text(ko=f"{ko}{rules}", en=f"{en}{rules}"), change.rules)


def _excused(row: Row, changes: list[Change]) -> Iterator[Reason]:
    """What its owner declared about these changes: one that it declines, a file of theirs that it keeps otherwise."""
    for refusal in row.template.declined:
        for change in (each for each in changes if each.id == refusal.change):
            ko = f"{change.version} {change.what.ko} 사양한다: {refusal.reason}"
            en = f"declines {change.version} {change.what.en} Because: {refusal.reason}"
            yield Reason("waived", Text(ko=ko, en=en), change.rules)
    for each in row.template.diverged:
        touched = [change for change in changes if each.path in change.files]
        if touched:
            until = each.until.isoformat()
            told = Text(
                ko=f"{each.path}: {until}까지 템플릿과 다르게 둔다: {each.reason}",
                en=f"{each.path} differs from the template until {until}: {each.reason}",
            )
            yield Reason("waived", told, tuple(dict.fromkeys(rule for change in touched for rule in change.rules)))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"
