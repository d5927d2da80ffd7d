"""What the judges of several families say alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apparch.app.repo import AppRepo
from apparch.catalogue.model import Text
from apparch.finding import Edit, Finding
from apparch.repository import Place


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
