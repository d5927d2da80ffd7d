"""What a judge answers about a rule: a finding at its place, or that it cannot tell."""

from __future__ import annotations

from dataclasses import dataclass

from apparch.catalogue.model import Text
from apparch.repository.places import Place


@dataclass(frozen=True)
class Related:
    """Another place that a finding rests on, and what stands there."""

    place: Place
    message: Text


@dataclass(frozen=True)
class Edit:
    """A mechanical, safe change of one file that a repair is made of.

    `old` must stand in the file exactly once, else the edit is not made; None makes a new file of `new`. An
    edit whose `moves_to` is set moves the whole file there.
    """

    path: str
    old: str | None = None
    new: str = ""
    moves_to: str = ""


@dataclass(frozen=True)
class Finding:
    """One breach of a rule: where it stands, what is wrong there, and what else shows it."""

    rule: str
    place: Place
    message: Text
    """What is wrong, in one sentence that names the values at fault and never a secret."""
    related: tuple[Related, ...] = ()
    repair: tuple[Edit, ...] = ()
    """What `--fix` does; empty where a person has to decide."""
    secret: bool = False
    """Whether the line holds a secret, so that no report may quote it."""


@dataclass(frozen=True)
class Unknown:
    """That a rule applies and could not be judged: what would have to be known."""

    rule: str
    place: Place
    reason: Text


Answer = Finding | Unknown
