"""The examples of the rules: the smallest trees that break one and keep it, as snippets/rules holds them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from apparch.catalogue import Rule, yaml_text
from apparch.repository import Repository

RULES = Path("snippets/rules")
BASES = {"none": (), "both": ("deploy", "app"), "reference": ("../app",)}
"""The trees that an example stands on, where that is not the one of the name that it gives."""


@dataclass(frozen=True, eq=False)
class Example:
    """One tree of one rule: a common base with some files replaced and some removed."""

    rule: str
    name: str
    """`bad` or `good`, and where there are several a dash and what is particular about it."""
    finds: tuple[str, ...]
    """Where the rule is broken, each as Place is written: path:line, or path:line:column-line:column."""
    base: str
    removes: tuple[str, ...]
    folder: Path
    """Where its own files are."""
    under: Mapping[str, bytes] = field(repr=False)
    """The files of its base, before any is replaced or removed."""

    @property
    def kind(self) -> str:
        """`bad` or `good`."""
        return self.name.partition("-")[0]

    @cached_property
    def own(self) -> Mapping[str, bytes]:
        """The files that it replaces or adds."""
        return files_below(self.folder)

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """Every file of its tree."""
        kept = {path: each for path, each in self.under.items() if not _removed(path, self.removes)}
        return {**kept, **self.own}

    def tree(self) -> Repository:
        """Its tree as a repository in memory."""
        return Repository.of(self.files)

    def __str__(self) -> str:
        return f"{self.rule}-{self.name}"


def read_examples(root: Path, rules: Mapping[str, Rule]) -> dict[str, tuple[Example, ...]]:
    """The examples of each of these rules that has some, in the order of its cases.yaml."""
    bases: dict[str, Mapping[str, bytes]] = {}
    found: dict[str, tuple[Example, ...]] = {}
    for file in sorted((root / RULES).glob("*/cases.yaml")):
        name = file.parent.name
        if name in rules:
            usual = "deploy" if rules[name].owner == "deploy" else "app"
            cases = yaml_text.read(file.read_text("utf-8"))
            found[name] = tuple(
                Example(
                    name,
                    case,
                    tuple(given.get("finds", ())),
                    base := given.get("base", usual),
                    tuple(given.get("removes", ())),
                    file.parent / case,
                    _base(root, base, bases),
                )
                for case, given in cases.items()
            )
    return found


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path, sorted."""
    paths = sorted(os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)
    return {Path(path).relative_to(folder).as_posix(): Path(path).read_bytes() for path in paths}


def _base(root: Path, name: str, known: dict[str, Mapping[str, bytes]]) -> Mapping[str, bytes]:
    if name not in known:
        trees = [files_below(root / RULES / each) for each in BASES.get(name, (name,))]
        known[name] = {path: content for tree in trees for path, content in tree.items()}
    return known[name]


def _removed(path: str, removes: tuple[str, ...]) -> bool:
    return any(path == each or path.startswith(f"{each.rstrip('/')}/") for each in removes)
