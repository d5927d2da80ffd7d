"""The versions of the template, and what each of them changed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast, get_args

import yaml

from apparch.catalogue import Text, yaml_text
from apparch.template import TemplateError, home

FILE = "versions.yaml"
Level = Literal["must", "may"]
Kind = Literal["app", "deploy", "both"]
_KEYS = {"id", "level", "kind", "rules", "files", "what"}
_MAY = {"before"}


@dataclass(frozen=True)
class Change:
    """One thing that a version changed."""

    id: str
    version: str
    """The version that brought it."""
    level: Level
    """Whether a repository must follow it, or may decline it."""
    kind: Kind
    """Whose repositories it concerns."""
    rules: tuple[str, ...]
    """The rules it serves; one that must be followed has at least one."""
    files: tuple[str, ...]
    """The files that it changes, from the root of the repository."""
    what: Text
    before: tuple[tuple[str, str], ...] = ()
    """What a repository from before takes as its answer to a question of this change, which it was never asked."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version that brought it, as something that can be compared."""
        return number(self.version)

    def concerns(self, kind: str) -> bool:
        """Whether it is about this kind of repository: `app`, `deploy`, or `both`."""
        return "both" in (kind, self.kind) or self.kind == kind


@dataclass(frozen=True)
class Version:
    """One published state of the template."""

    version: str
    date: datetime.date
    changes: tuple[Change, ...]
    """In the order of the file; none in the first version."""

    @property
    def tag(self) -> str:
        """The tag it has in the template's Git repository."""
        return f"v{self.version}"


@dataclass(frozen=True)
class Versions:
    """Every version of a template, newest first."""

    all: tuple[Version, ...]

    @property
    def newest(self) -> Version:
        """The one that a new repository is made from."""
        return self.all[0]

    def find(self, version: str) -> Version | None:
        """The version of that number, without or with its `v`."""
        return next((each for each in self.all if version in (each.version, each.tag)), None)

    def behind(self, version: str, to: str = "", kind: str = "both") -> tuple[Change, ...]:
        """What a repository of a version has not got yet, oldest first; nothing where it is as new, or newer.

        Args:
            version: The version that the repository records.
            to: The version to go to; empty for the newest.
            kind: The kind of the repository: `app` or `deploy`; `both` for every change.

        Raises:
            TemplateError: there is no such version.
        """
        between = self.between(version, to)
        return tuple(change for each in between for change in each.changes if change.concerns(kind))

    def between(self, version: str, to: str = "") -> tuple[Version, ...]:
        """The versions after one up to another, oldest first.

        Raises:
            TemplateError: there is no such version.
        """
        begin = self._position(version)
        end = self._position(to) if to else 0
        return tuple(reversed(self.all[end:begin]))

    def _position(self, version: str) -> int:
        for number, each in enumerate(self.all):
            if version in (each.version, each.tag):
                return number
        known = ", ".join(each.version for each in self.all)
        raise TemplateError(f"the template has no version {version}; there are {known}")


def read_versions(folder: Path | None = None) -> Versions:
    """The versions of the template in a folder; without one, of the template that this package carries.

    Raises:
        TemplateError: the file is missing or malformed.
    """
    file = (folder or home()) / FILE
    try:
        data: Any = yaml_text.read(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TemplateError(f"{FILE}: not readable: {' '.join(str(error).split())}") from error
    entries = data.get("versions") if isinstance(data, Mapping) else None
    if not isinstance(entries, list) or not entries:
        raise TemplateError(f"{FILE}: needs the key versions with a list of them, newest first")
    found = tuple(_version(entry) for entry in entries)
    order = [number(each.version) for each in found]
    if order != sorted(set(order), reverse=True):
        raise TemplateError(f"{FILE}: the versions must stand newest first, each once")
    ids = [change.id for each in found for change in each.changes]
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise TemplateError(f"{FILE}: the change {twice[0]} stands twice")
    return Versions(found)


def number(version: str) -> tuple[int, ...]:
    """A version as something that can be compared: its numbers.

    Raises:
        TemplateError: it is not three numbers with dots between them.
    """
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        raise TemplateError(f"{version or 'an empty text'} is no version; write it like 3.1.0")
    return tuple(map(int, parts))


def _version(entry: Any) -> Version:
    if not isinstance(entry, Mapping) or not {"version", "date"} <= entry.keys() <= {"version", "date", "changes"}:
        raise TemplateError(f"{FILE}: each version needs version and date, and may have changes")
    name, date, changes = str(entry["version"]), entry["date"], entry.get("changes", [])
    number(name)
    if not isinstance(date, datetime.date) or not isinstance(changes, list):
        raise TemplateError(f"{FILE}: {name}: date must be a day like 2026-11-27, and changes a list")
    return Version(name, date, tuple(_change(name, each) for each in changes))


def _change(version: str, entry: Any) -> Change:
    where = f"{FILE}: {version}: {entry.get('id', 'a change without id') if isinstance(entry, Mapping) else 'a change'}"
    if not isinstance(entry, Mapping) or not _KEYS <= entry.keys() <= _KEYS | _MAY:
        raise TemplateError(f"{where}: needs the keys {', '.join(sorted(_KEYS))}, and no other but before")
    for key, allowed in (("level", get_args(Level)), ("kind", get_args(Kind))):
        if entry[key] not in allowed:
            raise TemplateError(f"{where}: {key} is {entry[key]!r}, allowed are {', '.join(allowed)}")
    lists = {key: entry[key] for key in ("rules", "files")}
    for key, value in lists.items():
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise TemplateError(f"{where}: {key} needs a list of texts")
    if not lists["files"] or any(path.startswith("/") or ".." in PurePosixPath(path).parts for path in lists["files"]):
        raise TemplateError(f"{where}: files needs paths from the root of a repository")
    if entry["level"] == "must" and not lists["rules"]:
        raise TemplateError(f"{where}: a change that must be followed names the rule that demands it")
    what, before = entry["what"], entry.get("before", {})
    if not isinstance(before, Mapping) or not all(isinstance(each, str) for pair in before.items() for each in pair):
        raise TemplateError(f"{where}: before needs a text for each question")
    if (
        not isinstance(what, Mapping)
        or what.keys() != {"ko", "en"}
        or not all(str(each).strip() for each in what.values())
    ):
        raise TemplateError(f"{where}: what needs a text in ko and in en")
    return Change(
        id=str(entry["id"]),
        version=version,
        level=cast(Level, entry["level"]),
        kind=cast(Kind, entry["kind"]),
        rules=tuple(lists["rules"]),
        files=tuple(lists["files"]),
        what=Text(ko=" ".join(str(what["ko"]).split()), en=" ".join(str(what["en"]).split())),
        before=tuple(before.items()),
    )
