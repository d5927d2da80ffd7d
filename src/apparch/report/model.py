"""What every form of report shows: findings with their state, the answers of all rules, texts of the rules named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from apparch.catalogue.model import Language, Level, Text
from apparch.checks.run import Standing
from apparch.finding import Finding
from apparch.repository import Problem

State = Literal["new", "waived", "baselined"]


@dataclass(frozen=True)
class Result:
    """A finding as it is reported."""

    finding: Finding
    fingerprint: str
    """The same while the rule, the file and the text at fault are, whatever line they move to."""
    state: State = "new"
    because: str = ""
    """Of a waived one: the waiver's reason, its owner and its end."""
    excerpt: str = ""
    """The line that it points at; empty where the file has none, or where it holds a secret."""


@dataclass(frozen=True)
class RuleText:
    """What a report says about a rule that it names."""

    id: str
    level: Level
    title: Text
    statement: Text
    reason: Text
    repair: Text
    url: str


@dataclass(frozen=True)
class PartText:
    """A part of the repository, and which files told its kind."""

    kind: str
    directory: str
    evidence: str
    """The first of them, with its line."""
    shown: tuple[tuple[str, Text], ...] = ()
    """Each of them, and what it shows."""


@dataclass(frozen=True)
class Report:
    """One run over one repository."""

    name: str
    parts: tuple[PartText, ...]
    results: tuple[Result, ...]
    standings: tuple[Standing, ...]
    rules: Mapping[str, RuleText]
    families: Mapping[str, Text] = field(default_factory=dict)
    unread: tuple[Problem, ...] = ()
    """Files that could not be read and that no judge has told of."""
    gone: tuple[str, ...] = ()
    """Fingerprints of the baseline that nothing has any more."""
    neither: Text | None = None
    """What the repository is instead, where it is neither kind."""
    language: Language = "en"

    @property
    def new(self) -> tuple[Result, ...]:
        """The findings that count: neither waived nor in the baseline."""
        return tuple(each for each in self.results if each.state == "new")
