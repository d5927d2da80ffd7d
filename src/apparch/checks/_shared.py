"""What the judges of several families say alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from apparch.app.repo import AppRepo
from apparch.catalogue.model import Text
from apparch.finding import Edit, Finding
from apparch.repository import Place

_FOR_A_PERSON = re.compile(
    r"(^|/)(cli|console|manage|commands?|management|tools?|scripts?|bin|tests?|testing|examples?|hack|buildscripts?|devtools"
    r"|misc|packaging|distrib)(/|[.]py$|_)|_cli[.]py$|^(build|setup|release|noxfile|fabfile|hatch_build|versioneer)[.]py$"
)
_OF_CARGO = re.compile(r"(.*/)?src/bin/(server|service|api|web|app|main)[.]rs")
"""Where Cargo has the source of a program that is called like a service."""


def finding(rule: str, place: Place, ko: str, en: str, *repair: Edit, secret: bool = False) -> Finding:
    """A finding with its sentence in both languages."""
    return Finding(rule, place, Text(ko, en), repair=repair, secret=secret)


def firsts(places: Iterable[Place]) -> Iterator[Place]:
    """The first place in each file."""
    seen: set[str] = set()
    for each in places:
        if each.path not in seen:
            seen.add(each.path)
            yield each


def inner(app: AppRepo, path: str) -> str:
    """A file's path relative to the app's own directory."""
    return path[len(app.repository.prefix) :]


def name(path: str) -> str:
    """A file's name."""
    return path.rpartition("/")[2]


def is_for_a_person(path: str) -> bool:
    """Whether a module is run by a person or a test, so that what it does is not what the service does."""
    return _FOR_A_PERSON.search(path) is not None and _OF_CARGO.fullmatch(path) is None
