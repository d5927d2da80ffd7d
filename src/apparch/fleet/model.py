"""The nouns of a fleet: what is listed, and a row for each repository with all that was found of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from apparch.catalogue.model import Level, Text
from apparch.deploy.side import OVERLAYS
from apparch.kinds import Kind
from apparch.template.versions import Change, Versions

KindOfRepo = Literal["app", "deploy", "both", "neither", ""]
Standing = Literal["current", "behind", "ahead", "unknown", "none"]
Agreement = Literal["holds", "breaks", "unknown"]


class FleetError(Exception):
    """The list of repositories cannot be taken; the message says where, what and how to write it."""


@dataclass(frozen=True)
class Entry:
    """One repository of the list."""

    name: str
    folder: Path | None
    """Where its files are; None where nothing was checked out."""
    place: str
    """The path or the URL that the list gives."""
    url: str = ""
    """Where it is checked out from; empty for a path."""
    kind: Kind | None = None
    """Believed instead of found; None finds it."""
    partner: str = ""
    """The name of the other half of its contract; empty where there is none."""
    app_dir: str = ""
    overlays: str = OVERLAYS


@dataclass(frozen=True)
class Count:
    """How often a repository breaks one rule."""

    rule: str
    level: Level
    new: int
    waived: int = 0


@dataclass(frozen=True)
class Waived:
    """A waiver as its owner wrote it."""

    rule: str
    path: str
    owner: str
    reason: str
    until: datetime.date


@dataclass(frozen=True)
class Diverged:
    """A file that a repository keeps otherwise than the template, as its owner declared it."""

    path: str
    reason: str
    until: datetime.date


@dataclass(frozen=True)
class Declined:
    """A change of the template that a repository does without, as its owner declared it."""

    change: str
    reason: str


@dataclass(frozen=True)
class TemplateState:
    """Which template a repository records, and what of it the repository has not got."""

    state: Standing
    source: str = ""
    version: str = ""
    """As it is recorded; empty where nothing is."""
    versions: int = 0
    """By how many versions it is behind."""
    must: tuple[str, ...] = ()
    """The changes of those versions that it must follow, by id, oldest first."""
    may: tuple[str, ...] = ()
    """The changes of those versions that it may decline, and has not declined."""
    declined: tuple[Declined, ...] = ()
    """Of these or of earlier versions: what it has declined."""
    diverged: tuple[Diverged, ...] = ()
    since: datetime.date | None = None
    """The day of the last commit that changed the record; None where the files do not tell."""
    reason: Text | None = None
    """Why the standing is unknown."""


@dataclass(frozen=True)
class Contract:
    """What the comparison with one partner came to."""

    partner: str
    state: Agreement
    count: int = 0
    """The disagreements."""
    rules: Mapping[str, int] = field(default_factory=dict)
    """The same by rule."""
    reason: Text | None = None
    """Why the comparison was not made."""


@dataclass(frozen=True)
class Update:
    """What the last work on a repository came to: a pull request, or why there is none."""

    outcome: str
    pull_request: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """One repository."""

    name: str
    place: str
    kind: KindOfRepo = ""
    unread: Text | None = None
    """Why nothing could be told of it; then all below is empty."""
    counts: tuple[Count, ...] = ()
    waivers: tuple[Waived, ...] = ()
    template: TemplateState = TemplateState("none")
    contracts: tuple[Contract, ...] = ()
    update: Update | None = None

    def findings(self, level: Level) -> int:
        """How many new findings of a level there are."""
        return sum(each.new for each in self.counts if each.level == level)

    @property
    def disagreements(self) -> int:
        """How often its contracts are broken."""
        return sum(each.count for each in self.contracts)

    @property
    def clean(self) -> bool:
        """Whether nothing is to be done: read, no finding, no broken contract, no change that it must follow."""
        uncompared = any(each.state != "holds" for each in self.contracts)
        return not (self.unread or any(each.new for each in self.counts) or uncompared or self.template.must)


@dataclass(frozen=True)
class Fleet:
    """All rows, by name, and the versions that they are measured by."""

    rows: tuple[Row, ...]
    versions: Versions
    today: datetime.date

    def change(self, name: str) -> Change | None:
        """The template change of an id."""
        return next((each for version in self.versions.all for each in version.changes if each.id == name), None)
