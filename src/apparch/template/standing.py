"""How a repository stands to its template: as new, behind, or ahead of what is known here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from apparch.app.template_record import FILE, TemplateRecord, read_template_record
from apparch.repository import Problem, Repository
from apparch.template import TemplateError
from apparch.template.versions import Change, Version, Versions, number


@dataclass(frozen=True)
class Standing:
    """What an update would bring to one repository."""

    record: TemplateRecord
    to: Version
    """The version that it is compared with."""
    state: Literal["current", "behind", "ahead"]
    lacks: tuple[Change, ...]
    """The changes it has not got, oldest first."""
    steps: tuple[Version, ...]
    """The versions that lie between, oldest first."""


def recorded(repository: Repository) -> TemplateRecord:
    """The record of a repository.

    Raises:
        TemplateError: it has none, or one that cannot be taken.
    """
    record = read_template_record(repository)
    if record is None:
        raise TemplateError(f"there is no {FILE}: the repository was not made from a template, or it lies elsewhere")
    if isinstance(record, Problem):
        raise TemplateError(f"{record.place}: {record.message}")
    return record


def standing(record: TemplateRecord, versions: Versions, to: str = "") -> Standing:
    """How a record stands to a version; without one, to the newest.

    Raises:
        TemplateError: there is no such version, or the record names none.
    """
    target = versions.newest if not to else versions.find(to)
    if target is None:
        versions.behind(to)
        raise TemplateError(f"the template has no version {to}")
    if not record.version:
        known = ", ".join(each.version for each in versions.all)
        raise TemplateError(f"{record.place.path} records {record.commit}, which is no version; there are {known}")
    if number(record.version) > number(target.version):
        return Standing(record, target, "ahead", (), ())
    lacks = versions.behind(record.version, target.version, record.kind or "both")
    steps = versions.between(record.version, target.version)
    return Standing(record, target, "behind" if steps else "current", lacks, steps)
