"""The claims' files: what each number of a text must equal, which names are foreign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apparch.catalogue import LANGUAGES, Language
from apparch.pages.errors import PageError
from apparch.pages.written.data_files import read_data

FOLDER = "docs/claims"
FOREIGN = f"{FOLDER}/foreign.yaml"
COMMON = "common"
"""The claims' file whose phrases may stand in any text."""
PENDING = f"{FOLDER}/pending.yaml"


@dataclass(frozen=True)
class Claim:
    """A phrase with figures, and what they must equal."""

    place: str
    """`docs/claims/FILE.yaml: SECTION`, for messages."""
    section: str
    phrases: Mapping[Language, str]
    facts: tuple[str, ...]
    """One expression for all figures of the phrase, or one for each in any order."""
    free: str | None
    """Why the figures name nothing of the repositories."""
    so: tuple[Any, ...] = ()
    """What makes the sentence true, where it tells an order, a comparison or a fact; `sentences` judges it."""


@dataclass(frozen=True)
class Foreign:
    """Names that are not the repositories' own, and why they are right where they are used."""

    why: str
    names: Mapping[str, tuple[str, ...]]
    """For each name the texts that use it."""


def claims_of(root: Path, name: str) -> list[Claim]:
    """The claims of one text.

    Raises:
        PageError: an entry has another form.
    """
    file = f"{FOLDER}/{name}.yaml"
    return [
        claim for section, entries in (read_data(root, file) or {}).items() for claim in _claims(file, section, entries)
    ]


def _claims(file: str, section: object, entries: Any) -> Iterator[Claim]:
    place = f"{file}: {section}"
    for entry in entries:
        phrases = {language: str(entry[language]) for language in LANGUAGES if language in entry}
        facts, so = entry.get("is", []), entry.get("so", [])
        kinds = {"is", "free", "so"} & set(entry)
        if not phrases or len(kinds) != 1 or set(entry) - {*LANGUAGES, *kinds}:
            raise PageError(f"{place}: {entry}: an entry has the phrase in ko or en or both, and one of is, so, free")
        yield Claim(
            place,
            str(section),
            phrases,
            tuple(str(each) for each in (facts if isinstance(facts, list) else [facts])),
            str(entry["free"]) if "free" in entry else None,
            tuple(so) if isinstance(so, list) else (so,),
        )


def foreign_names(root: Path) -> list[Foreign]:
    """The names that are declared to be others'.

    Raises:
        PageError: an entry has another form.
    """
    found = []
    for entry in read_data(root, FOREIGN) or []:
        match entry:
            case {"why": str(why), "names": dict(names)} if len(entry) == 2:
                found.append(Foreign(why, {str(name): tuple(texts) for name, texts in names.items()}))
            case _:
                raise PageError(f"{FOREIGN}: {entry}: an entry has why, and names with the texts that use each")
    return found


def pending(root: Path) -> list[str]:
    """The texts that are not bound yet."""
    return [str(name) for name in read_data(root, PENDING) or []]
