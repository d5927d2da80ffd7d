"""What the judges find in the examples of the rules, in the form in which the examples announce it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apparch.assess import Options, assess
from apparch.catalogue import load_catalogue
from apparch.finding import Finding
from apparch.kinds import Kind
from apparch.pages.written.examples import RULES, Example, read_examples
from apparch.repository import Place, Repository

__all__ = ["RULES", "Example", "announced", "examples", "found", "judged_as", "range_of", "shown", "tree"]


def examples() -> list[Example]:
    """Every example, in order."""
    return [each for own in read_examples(Path(), load_catalogue().rules).values() for each in own]


def tree(example: Example) -> Repository:
    """The example's files over its base."""
    return example.tree()


def judged_as(example: Example) -> Kind | None:
    """The kind of the tree that an example of one side's rule stands on; it is found where it is what is shown."""
    kinds: dict[str, Kind] = {"app": "app", "go": "app", "node": "app", "deploy": "deploy"}
    return kinds.get(example.base) if load_catalogue().rules[example.rule].owner != "both" else None


def found(repository: Repository, **options: Any) -> list[tuple[str, str]]:
    """What breaks which rule where, in the form of the examples."""
    results = assess(repository, Options(**options)).results
    return [(each.finding.rule, shown(each.finding)) for each in results]


def announced(found: list[tuple[str, str]], example: Example) -> list[tuple[str, str]]:
    """The findings without their ranges where the example announces the line alone."""
    lines = {each for each in example.finds if each.count(":") == 1}
    return [(rule, line if (line := ":".join(each.split(":")[:2])) in lines else each) for rule, each in found]


def shown(finding: Finding) -> str:
    """A finding's place as an example writes it."""
    return range_of(finding.place)


def range_of(place: Place) -> str:
    """path:line, and the exact range where it is known."""
    if not place.end_line:
        return f"{place.path}:{place.line}"
    return f"{place.path}:{place.line}:{place.column}-{place.end_line}:{place.end_column}"
