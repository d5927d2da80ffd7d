"""The nouns of the catalogue: rules, their families, texts in two languages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Language = Literal["ko", "en"]
Level = Literal["MUST", "SHOULD", "MAY"]
Owner = Literal["app", "deploy", "both"]
ProofKind = Literal["check", "run", "contract", "review"]

LANGUAGES: tuple[Language, ...] = ("ko", "en")
"""Korean is the source, English its translation."""

RULE_ID = re.compile(r"(?<![A-Za-z0-9_])[A-Z]{3}[0-9]{3}(?![0-9A-Za-z_])")
"""What a rule ID looks like wherever one is mentioned."""


@dataclass(frozen=True)
class Text:
    """The same text in both languages."""

    ko: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True)
class Review:
    """What a reviewer asks where no machine can judge."""

    question: Text
    """The question, answered with yes or no on a pull request."""
    why: Text
    """Why no machine can answer it."""


@dataclass(frozen=True)
class Applies:
    """What a rule applies to beside its owner's kind of repository; what does not fit is not judged by it."""

    languages: tuple[str, ...] = ()
    """The languages of an app, one of which it must be written in; empty means any."""
    files: tuple[str, ...] = ()
    """Patterns as in .gitignore, one of which a file must fit; empty means any repository."""


@dataclass(frozen=True)
class Aliases:
    """What people call a rule, and what breaks it, where its own sentence says neither."""

    ko: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    """Commands, keys and messages, which no language translates."""

    def __getitem__(self, language: Language) -> tuple[str, ...]:
        """All that readers of a language may type."""
        return (*self.both, *(self.ko if language == "ko" else self.en))


@dataclass(frozen=True)
class Rule:
    """One sentence of policy."""

    id: str
    """For ever the same, three letters of its family and three digits."""
    level: Level
    owner: Owner
    document: str
    """The document that states it, as the stem of its file name."""
    section: str
    """Its home section's id in that document."""
    since: str
    """The document version that introduced it."""
    proof: ProofKind
    title: Text
    statement: Text
    reason: Text
    repair: Text
    review: Review | None = None
    applies: Applies = Applies()
    aliases: Aliases = Aliases()
    replaced_by: str | None = None
    """For a retired rule, the rule that took its place."""


@dataclass(frozen=True)
class Family:
    """The rules about one subject."""

    id: str
    title: Text
    document: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Catalogue:
    """Every rule there is, in the order of the documents."""

    families: tuple[Family, ...] = field(default=())

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """Each rule by its ID."""
        return {rule.id: rule for family in self.families for rule in family.rules}
