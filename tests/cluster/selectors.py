"""Label and field selectors: read from their text or from a LabelSelector, and asked about objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.cluster.errors import BadRequest

_SET = re.compile(r"^([^\s!=(),]+)\s+(in|notin)\s*\(([^()]*)\)$")
_EQUAL = re.compile(r"^([^\s!=(),]+)\s*(==|!=|=)\s*([^\s!=(),]*)$")
_EXISTS = re.compile(r"^(!?)\s*([^\s!=(),]+)$")


@dataclass(frozen=True)
class Requirement:
    """What one key has to be: `in`, `notin`, `exists` or `absent`."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet it; what is not there meets `notin`."""
        match self.operator:
            case "in":
                return labels.get(self.key) in self.values if self.key in labels else False
            case "notin":
                return self.key not in labels or labels[self.key] not in self.values
            case "exists":
                return self.key in labels
            case _:
                return self.key not in labels


Selector = tuple[Requirement, ...]
Labels = str | Mapping[str, str] | Selector | None
Fields = str | Mapping[str, str] | None


def matches(selector: Selector | None, labels: Mapping[str, str] | None) -> bool:
    """Whether all requirements are met; no selector meets everything."""
    return all(each.matches(labels or {}) for each in selector or ())


def parse_labels(text: str) -> Selector:
    """A selector as `kubectl -l` writes it; raises BadRequest."""
    return tuple(_requirement(part.strip()) for part in _split(text) if part.strip())


def of_object(selector: Mapping[str, Any] | None) -> Selector:
    """A LabelSelector (matchLabels, matchExpressions) of an object; an empty one selects everything."""
    selector = selector or {}
    equal = [Requirement(key, "in", frozenset([value])) for key, value in (selector.get("matchLabels") or {}).items()]
    operators = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}
    return (
        *equal,
        *(
            Requirement(each["key"], operators[each["operator"]], frozenset(each.get("values") or ()))
            for each in selector.get("matchExpressions") or ()
        ),
    )


def equal_to(labels: Mapping[str, str]) -> Selector:
    """A selector of exactly these labels, as a Service has it."""
    return tuple(Requirement(key, "in", frozenset([value])) for key, value in labels.items())


def parse_fields(text: str) -> tuple[tuple[str, str, bool], ...]:
    """A field selector as (path, value, whether it has to be equal); raises BadRequest."""
    found = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        match = re.match(r"^([^!=]+?)(==|!=|=)(.*)$", part)
        if not match:
            raise BadRequest(f"invalid selector: '{text}'; can't understand '{part}'")
        found.append((match[1], match[3], match[2] != "!="))
    return tuple(found)


def fields_match(fields: tuple[tuple[str, str, bool], ...] | None, thing: Mapping[str, Any]) -> bool:
    """Whether an object's fields are as asked; a field that is not there is empty."""
    return all((_field(thing, path) == value) == equal for path, value, equal in fields or ())


def judge(namespace: str | None, labels: Labels, fields: Fields) -> Callable[[Mapping[str, Any]], bool]:
    """Whether an object is of a namespace, and is selected; what is None selects all."""
    if isinstance(labels, str):
        labels = parse_labels(labels)
    elif isinstance(labels, Mapping):
        labels = equal_to(labels)
    if isinstance(fields, Mapping):
        wanted: tuple[tuple[str, str, bool], ...] = tuple((path, value, True) for path, value in fields.items())
    else:
        wanted = parse_fields(fields or "")
    chosen = labels

    def chosen_one(thing: Mapping[str, Any]) -> bool:
        metadata = thing["metadata"]
        return (
            (namespace is None or metadata.get("namespace") == namespace)
            and matches(chosen, metadata.get("labels"))
            and fields_match(wanted, thing)
        )

    return chosen_one


def _field(thing: Mapping[str, Any], path: str) -> str:
    value: Any = thing
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _split(text: str) -> list[str]:
    return re.split(r",(?![^(]*\))", text)


def _requirement(text: str) -> Requirement:
    if match := _SET.match(text):
        return Requirement(match[1], match[2], frozenset(each.strip() for each in match[3].split(",")))
    if match := _EQUAL.match(text):
        return Requirement(match[1], "notin" if match[2] == "!=" else "in", frozenset([match[3]]))
    if match := _EXISTS.match(text):
        return Requirement(match[2], "absent" if match[1] else "exists")
    # Of `key operator value` it is the operator that is not known.
    words = text.split()
    found = words[1] if len(words) > 1 else text
    raise BadRequest(f"unable to parse requirement: found '{found}', expected: in, notin, =, ==, !=, gt, lt")
