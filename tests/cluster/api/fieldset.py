"""Sets of fields of an object, as managedFields keep them: made, compared, written and read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from tests.cluster.api.shapes import ANY, Shape

# A path from the object's root: elements in the form of FieldsV1, `f:spec`, `k:{"name":"app"}`, `v:"x"`.
Path = tuple[str, ...]
FieldSet = frozenset[Path]

EMPTY: FieldSet = frozenset()
# What a list of ports, whose key has two parts, takes for the part that is not written.
_KEY_DEFAULTS = {"protocol": "TCP"}
# What belongs to nobody: it names the object, or the server writes it.
_NOBODYS = frozenset(
    [("f:apiVersion",), ("f:kind",), ("f:metadata",)]
    + [
        ("f:metadata", f"f:{name}")
        for name in (
            *("name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields"),
            *("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName"),
        )
    ]
)


def of(shape: Shape, thing: Any) -> FieldSet:
    """All fields of an object that somebody may own."""
    return frozenset(path for path in _leaves(shape, thing, ()) if path not in _NOBODYS)


def changed(shape: Shape, old: Any, new: Any) -> tuple[FieldSet, FieldSet]:
    """The fields that are new or other than before, and those that are gone."""
    written: set[Path] = set()
    gone: set[Path] = set()
    _compare(shape, old, new, (), written, gone)
    return frozenset(written - _NOBODYS), frozenset(gone - _NOBODYS)


def write(fields: FieldSet) -> dict[str, Any]:
    """The form of managedFields: FieldsV1."""
    tree: dict[str, Any] = {}
    for path in sorted(fields):
        node = tree
        for element in path:
            node = node.setdefault(element, {})
        node["."] = {}
    return _without_dots(tree)


def read(tree: Any, path: Path = ()) -> FieldSet:
    """The set that a FieldsV1 states."""
    found: set[Path] = set()
    for element, below in (tree or {}).items():
        if element == ".":
            found.add(path)
        elif below:
            found |= read(below, (*path, element))
        else:
            found.add((*path, element))
    return frozenset(found)


def named(path: Path) -> str:
    """A field as a conflict names it: `.spec.containers[name="app"].image`."""
    text = ""
    for element in path:
        kind, _, rest = element.partition(":")
        if kind == "f":
            text += f".{rest}"
        elif kind == "k":
            keys = json.loads(rest)
            text += "[" + ",".join(f"{key}={json.dumps(value)}" for key, value in sorted(keys.items())) + "]"
        else:
            text += f"[={rest}]"
    return text


def element_of(shape: Shape, item: Any) -> str:
    """What tells an item of a set or of a list with keys from the others."""
    if shape.list_type == "set":
        return "v:" + json.dumps(item, separators=(",", ":"))
    keys = {key: item.get(key, _KEY_DEFAULTS.get(key)) for key in sorted(shape.keys)} if isinstance(item, dict) else {}
    return "k:" + json.dumps({key: value for key, value in keys.items() if value is not None}, separators=(",", ":"))


def is_atomic(shape: Shape | None, value: Any) -> bool:
    """Whether a value is owned as a whole."""
    if shape is None or not isinstance(value, dict | list):
        return True
    if isinstance(value, list):
        return shape.list_type == "atomic" or shape.items is None
    return shape.atomic


def children(shape: Shape, value: Any) -> Iterator[tuple[str, Shape, Any]]:
    """The parts of a value that is not owned as a whole: element, form, value."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield f"f:{name}", shape.child(name) or ANY, each
    elif isinstance(value, list):
        for each in value:
            yield element_of(shape, each), shape.items or ANY, each


def without(fields: FieldSet, gone: Iterable[Path]) -> FieldSet:
    """A set less all that lies at or below some fields."""
    removed = set(gone)
    return frozenset(path for path in fields if not any(path[: end + 1] in removed for end in range(len(path))))


def _leaves(shape: Shape, value: Any, path: Path) -> Iterator[Path]:
    if is_atomic(shape, value) or not value:
        yield path
        return
    for element, below, each in children(shape, value):
        if isinstance(value, list) and not isinstance(each, dict):
            yield (*path, element)
            continue
        if isinstance(value, list):
            yield (*path, element)
        yield from _leaves(below, each, (*path, element))


def _compare(shape: Shape, old: Any, new: Any, path: Path, written: set[Path], gone: set[Path]) -> None:
    if old == new and old is not None:
        return
    if new is None:
        gone.update(_leaves(shape, old, path))
        return
    if old is None or is_atomic(shape, new) or is_atomic(shape, old) or type(old) is not type(new) or not new:
        written.update(_leaves(shape, new, path))
        if old is not None and not is_atomic(shape, old):
            gone.update(set(_leaves(shape, old, path)) - {path})
        return
    before = {element: each for element, _, each in children(shape, old)}
    after = {element: (below, each) for element, below, each in children(shape, new)}
    for element, (below, each) in after.items():
        if isinstance(new, list) and element not in before:
            written.add((*path, element))
        _compare(below, before.get(element), each, (*path, element), written, gone)
    for element, below, each in children(shape, old):
        if element not in after:
            gone.add((*path, element))
            _compare(below, each, None, (*path, element), written, gone)


def _without_dots(tree: dict[str, Any]) -> dict[str, Any]:
    below = {element: _without_dots(each) for element, each in tree.items() if element != "."}
    return ({".": {}} if "." in tree and below else {}) | below
