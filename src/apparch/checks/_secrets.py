"""The judge of OWN016: no secret stands in the App repo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from apparch.app.repo import DOCKERFILE, AppRepo
from apparch.app.secrets import CALLED, SHAPED, secrets_in
from apparch.app.survey import File, answers, of_files
from apparch.app.variables import EXAMPLE_NAMES
from apparch.checks._shared import finding, inner, name
from apparch.finding import Answer
from apparch.repository.roles import role

_LOCKS = re.compile(
    r".*(?:[.]lock|-lock[.](?:json|yaml)|go[.]sum|[.]min[.]js|[.]svg|[.]map|[.]ipynb|npm-shrinkwrap[.]json)"
)
_BINARY = re.compile(
    r".*[.](?:png|jpe?g|gif|ico|webp|woff2?|ttf|eot|otf|pdf|zip|gz|tgz|bz2|xz|jar|war|class|so|dll|exe|wasm|mp[34]|db|sqlite3?|parquet|pyc)",
    re.IGNORECASE,
)
_FOR_SHOW = re.compile(
    r".*(?:fixture|insecure|malevolent|test|example|sample|dummy|mock|snakeoil|fake).*", re.IGNORECASE
)
_OWN = frozenset({"product", "ci", "development", "template"})
"""Roles of files in which every secret counts; in others only one whose shape is certain."""


def own016(app: AppRepo) -> Iterator[Answer]:
    """No file holds a secret."""
    yield from answers(app, _held)


def _is_looked_at(app: AppRepo, path: str) -> bool:
    return not _LOCKS.fullmatch(path) and not _BINARY.fullmatch(path)


@of_files(*SHAPED, lowered=CALLED, among=_is_looked_at)
def _held(file: File) -> Iterator[Answer]:
    path, app = file.path, file.app
    told_elsewhere = DOCKERFILE.fullmatch(name(path)) or EXAMPLE_NAMES.fullmatch(name(path))
    is_own = role(inner(app, path)) in _OWN and not told_elsewhere and not _FOR_SHOW.fullmatch(inner(app, path))
    seen: set[int] = set()
    found = secrets_in(file.text, PurePosixPath(path).suffix)
    for each in sorted(found, key=lambda each: (not each.certain, each.begin)):
        place = file.spot(each.begin, each.end)
        if (each.certain or is_own) and place.line not in seen:
            seen.add(place.line)
            yield finding("OWN016", place, f"비밀이 있다: {each.what}", f"it holds a secret: {each.what}", secret=True)
