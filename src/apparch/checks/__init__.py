"""The judges: a module for each family, in it a function for each rule, named by the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from apparch.finding import Answer

Judge = Callable[[Any], Iterator[Answer]]
"""It takes the `AppRepo`, the `DeployRepo` or, for a rule that both keep, the `Whole`, and reads nothing else."""


def judges(rules: Iterable[str]) -> Mapping[str, Judge]:
    """The judges of those of the rules that have one; a family's module is imported only when it is needed."""
    found: dict[str, Judge] = {}
    for rule in rules:
        name = f"apparch.checks.{rule[:3].lower()}"
        if find_spec(name) and (judge := getattr(import_module(name), rule.lower(), None)):
            found[rule] = judge
    return found
