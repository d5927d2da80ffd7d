"""What a breach is: a small, plausible edit that makes one rule or one sentence untrue, read from tests/breaches/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from apparch.catalogue import Text, yaml_text

FOLDER = "tests/breaches"
"""Where the breaches of rules stand, below the repository's root; those of prose stand in its folder prose/."""

ALLOWED = "allowed"
"""The kind of an edit that the rule allows: its proofs must stay green on it."""

RULE_KINDS = (  # noqa: SIM905
    "plain carrier member meaning extra absent means bound trigger state part allowed"
).split()
PROSE_KINDS = (  # noqa: SIM905
    "default figure path metric variable command option exit-code port threshold tag version section arrow count term "
    "label comment"
).split()

_NEEDED = {"id", "kind", "says", "changes"}
_OPTIONAL = {"noticed_by", "places"}
_CHANGE = {"in", "old", "new", "nth", "gone", "to"}


@dataclass(frozen=True)
class Change:
    """One edit of one file."""

    path: str
    """The file, from the repository's root."""
    old: str | None = None
    """The text to replace; without one the file is made, or overwritten."""
    new: str | None = None
    nth: int | None = None
    """Which occurrence of `old` is meant, from 1; without one it must be the only one."""
    gone: bool = False
    """Whether the file is removed."""
    to: str | None = None
    """Where the file is moved to."""


@dataclass(frozen=True)
class Breach:
    """One edit that must turn a proof red, or, of the kind `allowed`, must not."""

    id: str
    subject: str
    """The rule that it breaks, or the page that it makes untrue."""
    kind: str
    says: Text
    """Completes "Its proof has been seen to fail when ..."."""
    changes: tuple[Change, ...]
    file: str
    """Where it is written, from the repository's root."""
    prose: bool = False
    """Whether it makes a sentence untrue rather than breaks a rule."""
    noticed_by: str | None = None
    """The proof that turns red, as a pytest node id from the root; None until it has been seen."""
    places: tuple[str, ...] = ()
    """What the proof must name when it turns red, and that it alone of its function may turn red."""

    @property
    def allowed(self) -> bool:
        """Whether the rule allows the edit."""
        return self.kind == ALLOWED


@dataclass(frozen=True)
class Breaches:
    """Every breach that could be read, and what is wrong with the others."""

    all: tuple[Breach, ...] = ()
    problems: tuple[str, ...] = field(default=())
    """One line each: file, id, what is wrong, how to mend it."""

    def of(self, subject: str) -> tuple[Breach, ...]:
        """The breaches of a rule or a page."""
        return tuple(breach for breach in self.all if breach.subject == subject)


class _FormError(Exception):
    pass


def read_breaches(root: Path, rules: Mapping[str, object]) -> Breaches:
    """The breaches of a repository, their form checked against the rules that exist."""
    found: list[Breach] = []
    problems: list[str] = []
    for file in [*sorted((root / FOLDER).glob("[A-Z]*.yaml")), *sorted((root / FOLDER / "prose").glob("*.yaml"))]:
        name = file.relative_to(root).as_posix()
        for entry in _entries(file, name, problems):
            try:
                found.append(_breach(entry, name, rules))
            except _FormError as error:
                identity = entry.get("id", "an entry without id") if isinstance(entry, Mapping) else "an entry"
                problems.append(f"{name}: {identity}: {error}")
    first: dict[str, Breach] = {}
    for breach in found:
        if first.setdefault(breach.id, breach) is not breach:
            problems.append(f"{breach.file}: {breach.id}: stands in {first[breach.id].file}, too; rename one of them")
    return Breaches(tuple(first.values()), tuple(problems))


def _entries(file: Path, name: str, problems: list[str]) -> Iterator[Any]:
    try:
        data = yaml_text.read(file.read_text("utf-8")) or []
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(f"{name}: not readable as YAML: {' '.join(str(error).split())}")
        return
    if not isinstance(data, list):
        problems.append(f"{name}: holds {type(data).__name__}; write a list of breaches")
        return
    yield from data


def _breach(entry: Any, file: str, rules: Mapping[str, object]) -> Breach:
    if not isinstance(entry, Mapping):
        raise _FormError("is no mapping; write the keys id, rule, kind, says, changes")
    prose = file.startswith(f"{FOLDER}/prose/")
    key = "page" if prose else "rule"
    missing, unknown = (_NEEDED | {key}) - entry.keys(), entry.keys() - _NEEDED - _OPTIONAL - {key}
    if missing or unknown:
        raise _FormError(f"missing keys {sorted(missing)}, unknown keys {sorted(unknown, key=str)}")
    subject, kind = str(entry[key]), entry["kind"]
    kinds = PROSE_KINDS if prose else RULE_KINDS
    if kind not in kinds:
        raise _FormError(f"kind is {kind!r}; write one of {', '.join(kinds)}")
    if not prose:
        _check_rule(str(entry["id"]), subject, file, rules)
    noticed_by = entry.get("noticed_by")
    if not (noticed_by is None or (isinstance(noticed_by, str) and "::" in noticed_by)):
        raise _FormError(f"noticed_by is {noticed_by!r}; write a test as PATH::NAME from the root")
    if kind == ALLOWED and noticed_by:
        raise _FormError("what a rule allows turns nothing red; take noticed_by away")
    places = entry.get("places", [])
    if not isinstance(places, list) or not all(isinstance(place, str) for place in places):
        raise _FormError("places needs a list of texts")
    return Breach(
        id=str(entry["id"]),
        subject=subject,
        kind=kind,
        says=_says(entry["says"]),
        changes=_changes(entry["changes"], prose=prose),
        file=file,
        prose=prose,
        noticed_by=noticed_by,
        places=tuple(places),
    )


def _check_rule(identity: str, rule: str, file: str, rules: Mapping[str, object]) -> None:
    if rule not in rules:
        raise _FormError(f"rule is {rule}, which the catalogue does not have; name the rule that the edit breaks")
    if not identity.startswith(f"{rule}-"):
        raise _FormError(f"the id must begin with its rule; write {rule}-NAME")
    if Path(file).stem != rule[:3]:
        raise _FormError(f"{rule} stands in the wrong file; move it to {FOLDER}/{rule[:3]}.yaml")


def _says(value: Any) -> Text:
    match value:
        case {"ko": str(ko), "en": str(en)} if ko.strip() and en.strip() and len(value) == 2:
            if ko.strip().endswith(".") or en.strip().endswith("."):
                raise _FormError("says ends with a full stop; it completes a sentence, take the stop away")
            return Text(ko.strip(), en.strip())
    raise _FormError("says needs a text in ko and in en")


def _changes(value: Any, *, prose: bool) -> tuple[Change, ...]:
    if not isinstance(value, list) or not value:
        raise _FormError("changes needs a list of edits")
    return tuple(_change(entry, prose=prose) for entry in value)


def _change(entry: Any, *, prose: bool) -> Change:
    if not isinstance(entry, Mapping) or "in" not in entry or entry.keys() - _CHANGE:
        raise _FormError(f"a change needs the key `in` and only keys of {', '.join(sorted(_CHANGE))}: {entry!r}")
    for path in filter(None, (entry["in"], entry.get("to"))):
        if not _may_change(str(path), prose=prose):
            where = "snippets/, docs/, src/apparch/catalogue/rules/ or a README" if prose else "snippets/ or docs/"
            raise _FormError(f"changes {path}; only files below {where} are the product")
    match entry:
        case {"in": str(path), "gone": True} if len(entry) == 2:
            return Change(path, gone=True)
        case {"in": str(path), "to": str(to)} if len(entry) == 2:
            return Change(path, to=to)
        case {"in": str(path), "new": str(new)} if len(entry) == 2:
            return Change(path, new=new)
        case {"in": str(path), "old": str(old), "new": str(new)} if old and old != new:
            nth = entry.get("nth")
            if nth is None or (isinstance(nth, int) and nth > 0):
                return Change(path, old=old, new=new, nth=nth)
    raise _FormError(
        f"an edit is `old` and another `new` (with `nth` from 1), `new` alone, `gone: true` or `to`: {entry!r}"
    )


def _may_change(path: str, *, prose: bool) -> bool:
    if path.startswith("/") or ".." in Path(path).parts:
        return False
    if path.startswith(("snippets/", "docs/")):
        return True
    return prose and (path.startswith("src/apparch/catalogue/rules/") or Path(path).name.startswith("README"))
