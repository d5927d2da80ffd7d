"""Which editions of the rules there are: those recorded in this package, and any that a file or folder holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from apparch.catalogue.difference import Change, compare
from apparch.catalogue.load import CatalogueError, load_catalogue
from apparch.catalogue.policy import Edition, EditionError, as_data, edition_of, from_data

RECORDS = "recorded"
CURRENT = "current"
"""Names the catalogue of this package, whatever its version."""
_INSIDE = ("", "src/apparch/catalogue/rules", "catalogue/rules", "rules")


@cache
def recorded() -> tuple[Edition, ...]:
    """The editions that were published, the earliest first."""
    folder = files("apparch.catalogue") / RECORDS
    found = [from_data(json.loads(each.read_text("utf-8"))) for each in folder.iterdir() if each.name.endswith(".json")]
    return tuple(sorted(found, key=lambda edition: version(edition.name)))


@cache
def current() -> Edition:
    """The catalogue of this package; the newest edition that one of its rules is of, with its date once recorded."""
    catalogue = load_catalogue()
    name = max((rule.since for rule in catalogue.rules.values()), key=version)
    date = next((each.date for each in recorded() if each.name == name), "")
    return edition_of(catalogue, name, date)


@cache
def all_editions() -> tuple[Edition, ...]:
    """Every published edition with the current one in the place of its record, the earliest first."""
    return (*(each for each in recorded() if each.name != current().name), current())


def find(given: str) -> Edition:
    """The edition that someone names: a version, `current`, a rules.json, or a folder with the rules' files.

    Raises:
        EditionError: it names none; the message says what would.
    """
    known = {each.name: each for each in recorded()} | {current().name: current(), CURRENT: current()}
    if given in known:
        return known[given]
    path = Path(given)
    try:
        if path.is_dir():
            return _of_folder(path)
        if path.is_file():
            return from_data(json.loads(path.read_text("utf-8")))
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise EditionError(f"{given}: it is no JSON, as rules.json is") from None
    except (OSError, CatalogueError, EditionError) as error:
        raise EditionError(f"{given}: {error}") from None
    names = ", ".join(each.name for each in all_editions())
    raise EditionError(f"{given} is no edition; name one ({names}, {CURRENT}), a rules.json, or a folder of rules")


def history(rule: str) -> list[tuple[Edition, Change]]:
    """What each edition changed in a rule, the earliest first; its first edition is the one that added it."""
    return [(new, change) for _, new, changes in steps() for change in changes if change.rule == rule]


@cache
def steps() -> tuple[tuple[Edition | None, Edition, Sequence[Change]], ...]:
    """Each edition with the one before it and what it changed; the first one added all that it holds."""
    nothing = Edition("", "", {})
    pairs = zip((None, *all_editions()), all_editions(), strict=False)
    return tuple((old, new, compare(old or nothing, new)) for old, new in pairs)


def record(folder: Path, edition: Edition) -> Path:
    """Write an edition down for good, a rule a line; the file.

    Raises:
        EditionError: it is there already, and says something else.
    """
    file = folder / f"{edition.name}.json"
    text = _written(as_data(edition))
    if file.exists() and file.read_text("utf-8") != text:
        raise EditionError(f"{file}: this edition is recorded and was another; what is published does not change")
    file.write_text(text, "utf-8")
    return file


def version(name: str) -> tuple[tuple[int, str], ...]:
    """A version's parts, by which versions are ordered."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in name.split("."))


def _written(data: Mapping[str, object]) -> str:
    rules = data["rules"]
    assert isinstance(rules, list)
    lines = ",\n".join(json.dumps(rule, ensure_ascii=False) for rule in rules)
    return f'{{"edition": {json.dumps(data["edition"])}, "rules": [\n{lines}\n]}}\n'


def _of_folder(folder: Path) -> Edition:
    """A folder of a site's edition, of a checkout, or of the rules' files themselves."""
    if (folder / "rules.json").is_file():
        return from_data(json.loads((folder / "rules.json").read_text("utf-8")))
    for inside in _INSIDE:
        rules = folder / inside
        if rules.is_dir() and any(rules.glob("[A-Z][A-Z][A-Z].yaml")):
            catalogue = load_catalogue(rules)
            return edition_of(catalogue, max((rule.since for rule in catalogue.rules.values()), key=version))
    raise EditionError("it holds neither a rules.json nor the rules' files, such as IMG.yaml")
