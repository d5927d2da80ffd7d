"""How the family files become a catalogue, each mistake named with its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

import yaml

from apparch.catalogue import yaml_text
from apparch.catalogue.compiled import read_compiled
from apparch.catalogue.model import (
    RULE_ID,
    Aliases,
    Applies,
    Catalogue,
    Family,
    Level,
    Owner,
    ProofKind,
    Review,
    Rule,
    Text,
)

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

# The order of the documents' chapters: the rule index reads in it.
ORDER = (  # noqa: SIM905
    "OWN DIR MIG IMG WFL ENV LOG NET PRB SHD TWF RES MET RUN TRD TPL IGN "  # the App document
    "MAN TAG SEC MON GOP "  # the Deploy document
    "PLT"  # the main document
).split()

RULE_KEYS = {"id", "level", "owner", "section", "since", "proof", "title", "statement", "reason", "repair"}
OPTIONAL_KEYS = {"review", "replaced_by", "applies", "aliases"}


class CatalogueError(Exception):
    """A family file is wrong; the message names the file, the rule and the repair."""


def load_catalogue(folder: Traversable | None = None) -> Catalogue:
    """Read every family file of a folder; without one, those that this package carries.

    Raises:
        CatalogueError: a file is malformed, a key is missing or unknown, or an ID stands twice.
    """
    if folder is None:
        if (compiled := _compiled()) is not None:
            return compiled
        from importlib.resources import files

        folder = files("apparch.catalogue") / "rules"
    found = {entry.name.removesuffix(".yaml"): entry for entry in folder.iterdir() if entry.name.endswith(".yaml")}
    unknown = sorted(found.keys() - set(ORDER))
    if unknown:
        raise CatalogueError(f"{unknown[0]}.yaml: an unknown family; add it to ORDER in catalogue/load.py")
    return _checked([_family(found[name].name, _read(found[name])) for name in ORDER if name in found])


@cache
def _compiled() -> Catalogue | None:
    families = read_compiled()
    if families is None:
        return None
    return _checked([_made(file, families[file]) for name in ORDER if (file := f"{name}.yaml") in families])


def _checked(families: Sequence[Family]) -> Catalogue:
    catalogue = Catalogue(tuple(families))
    _refuse_duplicates(catalogue)
    _refuse_unknown_successors(catalogue)
    return catalogue


def _read(file: Traversable) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{file.name}: not readable as YAML: {error}") from error


@cache  # A process reads the same text many times over, and parsing it is the slow part.
def _family(file: str, text: str) -> Family:
    try:
        data = yaml_text.read(text)
    except yaml.YAMLError as error:
        raise CatalogueError(f"{file}: not readable as YAML: {error}") from error
    return _made(file, data)


def _made(file: str, data: Any) -> Family:
    if not isinstance(data, Mapping) or not {"family", "title", "document", "rules"} <= data.keys():
        raise CatalogueError(f"{file}: needs the keys family, title, document, rules")
    name, document = str(data["family"]), str(data["document"])
    if f"{name}.yaml" != file:
        raise CatalogueError(f"{file}: its family is {name}; name the file and the family alike")
    if not isinstance(data["rules"], list) or not all(isinstance(entry, Mapping) for entry in data["rules"]):
        raise CatalogueError(f"{file}: rules needs a list of rules, each with its keys")
    rules = tuple(_rule(file, name, document, entry) for entry in data["rules"])
    return Family(name, _text(file, name, "title", data["title"]), document, rules)


def _rule(file: str, family: str, document: str, entry: Mapping[str, Any]) -> Rule:
    where = str(entry.get("id", "a rule without id"))
    missing, unknown = RULE_KEYS - entry.keys(), entry.keys() - RULE_KEYS - OPTIONAL_KEYS
    if missing or unknown:
        raise CatalogueError(f"{file}: {where}: missing keys {sorted(missing)}, unknown keys {sorted(unknown)}")
    if not RULE_ID.fullmatch(where) or not where.startswith(family):
        raise CatalogueError(f"{file}: {where}: the ID must be its family, {family}, and three digits")
    for key, allowed in (("level", get_args(Level)), ("owner", get_args(Owner)), ("proof", get_args(ProofKind))):
        if entry[key] not in allowed:
            raise CatalogueError(f"{file}: {where}: {key} is {entry[key]!r}, allowed are {', '.join(allowed)}")
    if (entry["proof"] == "review") != ("review" in entry):
        raise CatalogueError(f"{file}: {where}: proof: review and a review question go together")
    texts = {key: _text(file, where, key, entry[key]) for key in ("title", "statement", "reason", "repair")}
    review = entry.get("review")
    if "review" in entry and not (isinstance(review, Mapping) and review.keys() == {"question", "why"}):
        raise CatalogueError(f"{file}: {where}: review needs the keys question and why, and no other")
    return Rule(
        id=where,
        level=entry["level"],
        owner=entry["owner"],
        document=document,
        section=str(entry["section"]),
        since=str(entry["since"]),
        proof=entry["proof"],
        review=review and Review(*(_text(file, where, key, review.get(key)) for key in ("question", "why"))),
        applies=_applies(file, where, entry.get("applies", {})),
        aliases=_aliases(file, where, entry.get("aliases", {})),
        replaced_by=entry.get("replaced_by"),
        **texts,
    )


def _applies(file: str, where: str, value: Any) -> Applies:
    if isinstance(value, Mapping) and value.keys() <= {"languages", "files"}:
        lists = {key: tuple(map(str, each)) for key, each in value.items() if isinstance(each, list) and each}
        if len(lists) == len(value):
            return Applies(**lists)
    raise CatalogueError(f"{file}: {where}: applies takes the keys languages and files, each with a list")


def _aliases(file: str, where: str, value: Any) -> Aliases:
    if isinstance(value, Mapping) and value.keys() <= {"ko", "en", "both"}:
        words = {key: each for key, each in value.items() if isinstance(each, list) and each}
        named = [word.casefold() if isinstance(word, str) else "" for each in words.values() for word in each]
        if len(words) == len(value) and all(word.strip() for word in named) and len({*named}) == len(named):
            return Aliases(**{key: tuple(each) for key, each in words.items()})
    raise CatalogueError(
        f"{file}: {where}: aliases takes the keys ko, en and both, each with a list of words, none of them twice"
    )


def _text(file: str, where: str, key: str, value: Any) -> Text:
    match value:
        case {"ko": str(ko), "en": str(en)} if ko.strip() and en.strip() and len(value) == 2:
            return Text(ko.strip(), en.strip())
    raise CatalogueError(f"{file}: {where}: {key} needs a text in ko and in en")


def _refuse_duplicates(catalogue: Catalogue) -> None:
    seen: set[str] = set()
    for family in catalogue.families:
        for rule in family.rules:
            if rule.id in seen:
                raise CatalogueError(f"{family.id}.yaml: {rule.id} stands twice; IDs are for ever, take a new one")
            seen.add(rule.id)


def _refuse_unknown_successors(catalogue: Catalogue) -> None:
    for rule in catalogue.rules.values():
        if rule.replaced_by and rule.replaced_by not in catalogue.rules:
            raise CatalogueError(
                f"{rule.id[:3]}.yaml: {rule.id}: replaced_by names {rule.replaced_by}, which is no rule"
            )
