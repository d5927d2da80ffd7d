"""The examples of the rules: the smallest trees that break one and keep it, as snippets/rules holds them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from apparch.assess import Options, assess
from apparch.catalogue import load_catalogue, yaml_text
from apparch.finding import Finding
from apparch.repository import Place, Repository

RULES = Path("snippets/rules")
BASES = {"none": (), "both": ("deploy", "app")}
"""The trees that an example stands on, where that is not the one of the name that it gives."""


@dataclass(frozen=True)
class Example:
    """One tree of one rule: a common base with some files replaced and some removed."""

    rule: str
    name: str
    """`bad` or `good`, and where there are several a dash and what is particular about it."""
    finds: tuple[str, ...]
    """Where the rule is broken, each as Place is written: path:line, or path:line:column-line:column."""
    base: str
    removes: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where its own files are."""
        return RULES / self.rule / self.name

    def __str__(self) -> str:
        return f"{self.rule}-{self.name}"


def examples() -> list[Example]:
    """Every example, in order."""
    owners = {rule.id: rule.owner for rule in load_catalogue().rules.values()}
    found: list[Example] = []
    for file in sorted(RULES.glob("*/cases.yaml")):
        rule = file.parent.name
        for name, given in yaml_text.read(file.read_text("utf-8")).items():
            base = given.get("base", "deploy" if owners[rule] == "deploy" else "app")
            found.append(Example(rule, name, tuple(given.get("finds", ())), base, tuple(given.get("removes", ()))))
    return found


def tree(example: Example) -> Repository:
    """The example's files over its base."""
    files = {
        path: each for base in BASES.get(example.base, (example.base,)) for path, each in _files(RULES / base).items()
    }
    files = {path: each for path, each in files.items() if not _removed(path, example.removes)}
    return Repository.of({**files, **_files(example.folder)})


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


@cache
def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _removed(path: str, removes: tuple[str, ...]) -> bool:
    return any(path == each or path.startswith(f"{each.rstrip('/')}/") for each in removes)
