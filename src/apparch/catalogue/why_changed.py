"""Why an edition changed a rule, in the words that were written down when it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from apparch.catalogue import yaml_text
from apparch.catalogue.difference import Change, Kind
from apparch.catalogue.editions import all_editions
from apparch.catalogue.model import Text
from apparch.catalogue.policy import Edition

FILE = "changed.yaml"


@dataclass(frozen=True)
class Notes:
    """What was written down of one edition."""

    of_rules: Mapping[str, Text] = field(default_factory=dict)
    otherwise: Mapping[Kind, Text] = field(default_factory=dict)
    """For a change of this kind alone, whose rule has no note of its own."""


@cache
def notes() -> Mapping[str, Notes]:
    """The notes of each edition that has some, by its name."""
    read = yaml_text.read((files("apparch.catalogue") / FILE).read_text("utf-8"))
    return {
        str(edition): Notes(
            {rule: Text(each["ko"], each["en"]) for each in of["rules"] for rule in each["of"]},
            {kind: Text(**each) for kind, each in of["otherwise"].items()},
        )
        for edition, of in read.items()
    }


def why(change: Change, edition: str) -> Text | None:
    """Why an edition changed a rule; None where nothing says so, as of a rule that it added."""
    of = notes().get(edition, Notes())
    return of.of_rules.get(change.rule) or (of.otherwise.get(change.kinds[0]) if len(change.kinds) == 1 else None)


def why_between(change: Change, old: Edition, new: Edition) -> list[Text]:
    """The same for all editions after one up to another, the earliest first; an edition of no record has none."""
    names = [each.name for each in all_editions()]
    first = names.index(old.name) + 1 if old.name in names else len(names)
    last = names.index(new.name) + 1 if new.name in names else 0
    return [told for name in names[first:last] if (told := why(change, name))]
