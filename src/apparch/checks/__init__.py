"""The judges: a module for each family, in it a function for each rule, named by the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from apparch.finding import Answer

Judge = Callable[[Any], Iterator[Answer]]
"""It takes the `AppRepo`, the `DeployRepo` or, for a rule that both keep, the `Whole`, and reads nothing else."""


def judges(rules: Iterable[str]) -> Mapping[str, Judge]:
    """The judges of those of the rules that have one; a family's module is imported only when it is needed."""
    found: dict[str, Judge] = {}
    for rule in rules:
        module = _module(rule[:3].lower())
        if judge := getattr(module, rule.lower(), None):
            found[rule] = judge
    return found


@cache  # looking for a module that is not there asks every folder of the path
def _module(family: str) -> ModuleType | None:
    name = f"apparch.checks.{family}"
    return import_module(name) if find_spec(name) else None
