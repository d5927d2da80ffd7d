"""What a rule demands, without what explains it: the part of a catalogue in which two editions are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from apparch.catalogue.model import LANGUAGES, RULE_ID, Catalogue, Level, Owner, ProofKind, Rule, Text


class EditionError(Exception):
    """What was given is no edition of the rules; the message says what it is and how to go on."""


@dataclass(frozen=True)
class Demand:
    """One rule as an edition states it."""

    id: str
    level: Level
    owner: Owner
    proof: ProofKind
    """What proves it, or that a person judges it."""
    title: Text
    statement: Text
    languages: tuple[str, ...] = ()
    """The languages of an app that it applies to; empty means any."""
    replaced_by: str | None = None
    """For a retired rule its successor."""


@dataclass(frozen=True)
class Edition:
    """The rules as they were published together."""

    name: str
    """Its version, such as 3.0.0."""
    date: str
    """When it was published, as in ISO 8601; empty where it has not been, or nothing says."""
    rules: Mapping[str, Demand]


def edition_of(catalogue: Catalogue, name: str, date: str = "") -> Edition:
    """A catalogue's edition."""
    return Edition(name, date, {rule.id: _demand(rule) for rule in catalogue.rules.values()})


def as_data(edition: Edition) -> dict[str, Any]:
    """An edition as a record keeps it; `from_data` reads it back."""
    return {
        "edition": {"version": edition.name, "date": edition.date},
        "rules": [rule_data(each) for each in edition.rules.values()],
    }


def from_data(data: Any) -> Edition:
    """The edition in a record, or in the site's rules.json, which tells the same and more.

    Raises:
        EditionError: it is neither.
    """
    match data:
        case {"edition": {"version": str(name), "date": str(date)}, "rules": list(rules)}:
            return Edition(name, date, {each.id: each for each in map(_from_rule, rules)})
        case {"rules": list()}:
            raise EditionError("it does not name its edition: it is of a site from before 3.1.0")
    raise EditionError("it holds no rules of an edition, as rules.json does")


def rule_data(demand: Demand) -> dict[str, Any]:
    """A rule as a record keeps it, with the keys that rules.json has too."""
    return {
        "id": demand.id,
        "level": demand.level,
        "owner": demand.owner,
        "proof": {"by": demand.proof},
        "title": {each: demand.title[each] for each in LANGUAGES},
        "statement": {each: demand.statement[each] for each in LANGUAGES},
        **({"applies": {"languages": list(demand.languages)}} if demand.languages else {}),
        **({"replaced_by": demand.replaced_by} if demand.replaced_by else {}),
    }


def _demand(rule: Rule) -> Demand:
    return Demand(
        id=rule.id,
        level=rule.level,
        owner=rule.owner,
        proof=rule.proof,
        title=_flat(rule.title),
        statement=_flat(rule.statement),
        languages=rule.applies.languages,
        replaced_by=rule.replaced_by,
    )


def _flat(text: Text) -> Text:
    return Text(" ".join(text.ko.split()), " ".join(text.en.split()))


def _from_rule(data: Any) -> Demand:
    match data:
        case {
            "id": str(rule),
            "level": level,
            "owner": owner,
            "proof": {"by": proof},
            "title": {"ko": str(), "en": str()} as title,
            "statement": {"ko": str(), "en": str()} as statement,
        } if RULE_ID.fullmatch(rule) and (
            level in get_args(Level) and owner in get_args(Owner) and proof in get_args(ProofKind)
        ):
            languages = (data.get("applies") or {}).get("languages") or ()
            called, demanded = (Text(each["ko"], each["en"]) for each in (title, statement))
            return Demand(rule, level, owner, proof, called, demanded, tuple(languages), data.get("replaced_by"))
    name = data.get("id") if isinstance(data, Mapping) else data
    raise EditionError(f"{str(name)[:40]!r} is not a rule as an edition states it")
