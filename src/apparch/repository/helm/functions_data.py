"""Template functions on mappings, lists, numbers and truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from typing import Any

from apparch.repository.helm.shown import to_json, to_yaml, type_name
from apparch.repository.helm.traced import Items, Map, Traced, Unknown, runtime
from apparch.repository.places import Problem
from apparch.repository.yaml_file import parse_yaml_1_1

MOST = 2_000
"""How many elements a list that a function makes may have."""


def truth(value: Any) -> bool:
    """What `if` takes for true: all that is not zero or empty."""
    return (
        value is not None
        and value is not False
        and not (isinstance(value, str | dict | list | int | float) and not value)
    )


def _map(*values: Any) -> Map:
    return Map({str(key): value for key, value in zip(values[::2], (*values[1::2], ""), strict=False)})


def _set(target: Any, key: Any, value: Any) -> Any:
    target[str(key)] = value
    getattr(target, "places", {}).pop(str(key), None)
    return target


def _unset(target: Any, key: Any) -> Any:
    target.pop(key, None)
    return target


def merged(base: Map, over: Map, *, nulls: bool = False) -> Map:
    """One mapping on top of another, however deep; with `nulls`, an entry without a value takes the other's away."""
    made = base.copied()
    for key, value in over.items():
        if value is None and nulls:
            made.pop(key, None)
        elif isinstance(value, Map) and isinstance(made.get(key), Map):
            made[key] = merged(made[key], value, nulls=nulls)
        else:
            made[key] = value
            if key in over.places:
                made.places[key] = over.places[key]
            else:
                made.places.pop(key, None)
    return made


def without_nulls(values: Map) -> Map:
    """A mapping without the entries that have no value, however deep, as Helm takes a chart's own values."""
    kept = {key: without_nulls(each) if isinstance(each, Map) else each for key, each in values.items()}
    return Map({key: each for key, each in kept.items() if each is not None}, values.places)


def _merge_overwrite(target: Any, *sources: Any) -> Any:
    for each in sources:
        _into(target, merged(target, each))
    return target


def _merge(target: Any, *sources: Any) -> Any:
    """What is there already stays, unless it is empty."""
    for each in sources:
        filled = merged(
            each, Map({key: value for key, value in target.items() if truth(value) or key not in each}, target.places)
        )
        for key, value in target.items():
            if isinstance(value, Map) and isinstance(each.get(key), Map):
                filled[key] = _merge(value.copied(), each[key])
        _into(target, filled)
    return target


def _into(target: Map, made: Map) -> None:
    target.clear()
    target.update(made)
    target.places = made.places


def _copied(value: Any) -> Any:
    if isinstance(value, Map):
        return Map({key: _copied(each) for key, each in value.items()}, value.places)
    return Items(map(_copied, value), getattr(value, "places", ())) if isinstance(value, list) else copy(value)


def _chosen(keep: bool) -> Callable[..., Map]:
    def made(target: Any, *keys: Any) -> Map:
        return Map({key: value for key, value in target.items() if (key in keys) == keep}, target.places)

    return made


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, Unknown):
            return value
        value = value.get(str(key)) if isinstance(value, dict) else value[int(key)] if value is not None else None
    return value


def _dig(*values: Any) -> Any:
    *keys, default, target = values
    for key in keys:
        if isinstance(target, Unknown):
            return target
        if not isinstance(target, dict) or key not in target:
            return default
        target = target[key]
    return target


def _slice(values: Any, start: Any = 0, end: Any = None) -> Any:
    cut = slice(int(start), None if end is None else int(end))
    return (
        values.part(*cut.indices(len(values))[:2])
        if isinstance(values, Traced)
        else values[cut]
        if isinstance(values, str)
        else Items(values[cut])
    )


def _unique(values: list[Any]) -> Items:
    found = Items()
    for each in values[:MOST]:
        if each not in found:
            found.append(each)
    return found


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other)


def _read(text: Any) -> Any:
    found = parse_yaml_1_1(str(text), "")
    return Map() if isinstance(found, Problem) or not found else unplaced(runtime(found[0]))


def unplaced(value: Any) -> Any:
    """The same without places, which would be those of a text within a rendering."""
    if isinstance(value, Map):
        return Map({key: unplaced(each) for key, each in value.items()})
    return Items(map(unplaced, value)) if isinstance(value, list) else str(value) if isinstance(value, str) else value


def _json(text: Any) -> Any:
    try:
        json.loads(str(text))
    except (ValueError, RecursionError):
        return Map()
    return _read(text)


def _go_kind(value: Any) -> str:
    named = type_name(value)
    return {"map[string]interface {}": "map", "[]interface {}": "slice", "<nil>": "invalid"}.get(named, named)


def _pluck(key: Any, *targets: Any) -> Items:
    return Items(each[key] for each in targets if key in each)


def _has(value: Any, values: Any) -> bool:
    return any(_equal(value, each) for each in values or ())


def _flat(values: tuple[Any, ...]) -> Iterator[Any]:
    for each in values:
        yield from each or ()


OPEN: Mapping[str, Callable[..., Any]] = {
    "dict": _map,
    "list": lambda *values: Items(values),
    "tuple": lambda *values: Items(values),
    "set": _set,
    "default": lambda default, value=None: value if isinstance(value, Unknown) or truth(value) else default,
    "toYaml": to_yaml,
    "toYamlPretty": to_yaml,
    "toJson": to_json,
    "toRawJson": to_json,
    "toPrettyJson": lambda value: to_json(value, "  "),
    "append": lambda values, value: Items([*(values or ()), value]),
    "push": lambda values, value: Items([*(values or ()), value]),
    "prepend": lambda values, value: Items([value, *(values or ())]),
    "coalesce": lambda *values: next((each for each in values if isinstance(each, Unknown) or truth(each)), None),
}
"""Those whose result says something even where a part of it is not known."""

KNOWN: Mapping[str, Callable[..., Any]] = {
    "unset": _unset,
    "get": lambda target, key: target.get(str(key), ""),
    "hasKey": lambda target, key: str(key) in (target or {}),
    "keys": lambda *targets: Items(key for each in targets for key in each),
    "values": lambda *targets: Items(value for each in targets for _, value in sorted(each.items())),
    "pick": _chosen(keep=True),
    "omit": _chosen(keep=False),
    "pluck": _pluck,
    "dig": _dig,
    "index": _index,
    "slice": _slice,
    "merge": _merge,
    "mergeOverwrite": _merge_overwrite,
    "deepCopy": _copied,
    "deepEqual": _equal,
    "len": len,
    "first": lambda values: (values or [None])[0],
    "last": lambda values: (values or [None])[-1],
    "rest": lambda values: Items((values or [])[1:]),
    "initial": lambda values: Items((values or [])[:-1]),
    "reverse": lambda values: Items(reversed(values)),
    "uniq": _unique,
    "without": lambda values, *out: Items(each for each in values if not _has(each, out)),
    "has": _has,
    "compact": lambda values: Items(filter(truth, values)),
    "concat": lambda *values: Items(_flat(values)),
    "chunk": lambda size, values: Items(Items(values[at : at + int(size)]) for at in range(0, len(values), int(size))),
    "empty": lambda value=None: not truth(value),
    "all": lambda *values: all(map(truth, values)),
    "any": lambda *values: any(map(truth, values)),
    "ternary": lambda yes, no, condition: yes if condition else no,
    "not": lambda value: not truth(value),
    "eq": lambda one, *others: any(_equal(one, each) for each in others),
    "ne": lambda one, other: not _equal(one, other),
    "fromYaml": _read,
    "fromJson": _json,
    "fromYamlArray": _read,
    "fromJsonArray": _json,
    "kindOf": _go_kind,
    "kindIs": lambda kind, value: _go_kind(value) == kind,
    "typeOf": type_name,
    "typeIs": lambda kind, value: type_name(value) == kind,
    "typeIsLike": lambda kind, value: type_name(value) == str(kind).lstrip("*"),
}
"""Those that need to know all of what they are given."""
