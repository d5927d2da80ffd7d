"""Server-side apply: an applied configuration merged into the live object, with the owners of its fields."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.cluster.api import fieldset, shapes
from tests.cluster.api.fieldset import FieldSet, Path
from tests.cluster.api.managed import Entry, entries, store_entries, without_gone
from tests.cluster.api.shapes import ANY, Shape
from tests.cluster.errors import ApiError, Cause, Conflict
from tests.cluster.resources import Resource
from tests.cluster.shelf import Object, copy


@dataclass(frozen=True)
class Applying:
    """Who applies: the field manager, and whether it takes fields that others own."""

    manager: str
    force: bool
    now: str
    subresource: str = ""


def applied(resource: Resource, live: Object, patch: Object, how: Applying) -> Object:
    """The live object with the configuration merged in; raises Conflict where others own a field that would change."""
    shape = shapes.of(resource)
    _refuse_unfit(resource, shape, patch)
    before = entries(live)
    identity = (how.manager, "Apply", resource.api_version, how.subresource)
    last = next((each for each in before if each.identity == identity), None)
    others = [each for each in before if each.identity != identity]
    # What the manager applied in another version of the API is its own all the same.
    wanted = _own(fieldset.of(shape, patch), how.subresource)
    merged = merge(shape, live, patch)
    dropped = (last.fields if last else fieldset.EMPTY) - wanted
    orphaned = {path for path in dropped if not any(_owns(each.fields, path) for each in others)}
    merged = _prune(shape, merged, (), orphaned, wanted | _all(others))
    written, gone = fieldset.changed(shape, live, merged)
    conflicts = [
        (each, sorted(each.fields & written)) for each in others if each.fields & written and not _same(each, how)
    ]
    if conflicts and not how.force:
        raise conflict(conflicts)
    mine = Entry(*identity, how.now, wanted)
    if last is not None and last.fields == wanted and not written and not gone:
        mine = last
    left = [Entry(*each.identity, each.time, without_gone(each.fields, gone) - written) for each in others]
    result: Object = copy(merged)
    store_entries(result, [*left, mine])
    return result


def merge(shape: Shape | None, live: Any, patch: Any) -> Any:
    """One value over another: maps and lists with keys are united, all else is replaced."""
    shape = shape or ANY
    if fieldset.is_atomic(shape, patch) or fieldset.is_atomic(shape, live) or type(live) is not type(patch):
        return copy(patch)
    if isinstance(patch, dict):
        made = {name: copy(each) for name, each in live.items() if name not in patch}
        order = [*live, *(name for name in patch if name not in live)]
        for name, each in patch.items():
            made[name] = merge(shape.child(name), live[name], each) if name in live else copy(each)
        return {name: made[name] for name in order}
    return _merged_list(shape, live, patch)


def conflict(found: list[tuple[Entry, list[Path]]]) -> Conflict:
    """The refusal that names each field and its owner."""
    causes = []
    lines = []
    for entry, paths in sorted(found, key=lambda each: each[0].identity):
        owner = f'"{entry.manager}"' + (f' with subresource "{entry.subresource}"' if entry.subresource else "")
        # Who only applies is known by its name; who updates, by the version it wrote as well.
        owner += f" using {entry.version}" if entry.operation == "Update" else ""
        fields = [fieldset.named(path) for path in paths]
        causes += [Cause("FieldManagerConflict", f"conflict with {owner}", each) for each in fields]
        lines.append(f"conflicts with {owner}:\n" + "\n".join(f"- {each}" for each in fields))
    text = f"Apply failed with {len(causes)} conflicts: " + "\n".join(lines)
    if len(causes) == 1:
        text = f"Apply failed with 1 conflict: {causes[0].message}: {causes[0].field}"
    return Conflict(text, {"causes": [each.data() for each in causes]})


def _same(entry: Entry, how: Applying) -> bool:
    # An apply of the same manager in another version of the API never conflicts with itself.
    return (entry.manager, entry.operation, entry.subresource) == (how.manager, "Apply", how.subresource)


def _own(fields: FieldSet, subresource: str) -> FieldSet:
    if subresource == "status":
        return frozenset(path for path in fields if path[0] == "f:status")
    return frozenset(path for path in fields if path[0] != "f:status")


def _owns(fields: FieldSet, path: Path) -> bool:
    return path in fields or any(each[: len(path)] == path for each in fields)


def _all(found: list[Entry]) -> FieldSet:
    return frozenset().union(*(each.fields for each in found))


def _prune(shape: Shape | None, value: Any, path: Path, orphaned: set[Path], kept: FieldSet) -> Any:
    """A value without the fields that nobody applies any longer."""
    shape = shape or ANY
    if not orphaned or fieldset.is_atomic(shape, value):
        return value
    made: list[tuple[str, Any]] = []
    for element, below, each in fieldset.children(shape, value):
        place = (*path, element)
        if place in orphaned and not _owns(kept, place):
            continue
        under = {other for other in orphaned if other[: len(place)] == place and len(other) > len(place)}
        left = _prune(below, each, place, under, kept)
        # A map of which all is gone goes too, unless somebody owns it.
        if under and left in ({}, []) and each and not _owns(kept, place):
            continue
        made.append((element, left))
    if isinstance(value, list):
        return [each for _, each in made]
    return {element[2:]: each for element, each in made}


def _merged_list(shape: Shape, live: list[Any], patch: list[Any]) -> list[Any]:
    """The items of both, those of the patch in its order, the others where they stood before the next common one."""
    old = {fieldset.element_of(shape, each): each for each in live}
    new = {fieldset.element_of(shape, each): each for each in patch}
    made: list[Any] = []
    waiting = list(old)
    for key, each in new.items():
        if key in old:
            while waiting:
                first = waiting.pop(0)
                if first == key:
                    break
                if first not in new:
                    made.append(copy(old[first]))
            made.append(merge(shape.items, old[key], each))
        else:
            made.append(copy(each))
    return [*made, *(copy(old[key]) for key in waiting if key not in new)]


def _refuse_unfit(resource: Resource, shape: Shape, patch: Object) -> None:
    problems = list(_unknown(shape, patch, ""))
    if problems:
        metadata = patch.get("metadata") or {}
        place = (
            f"{metadata.get('namespace', '')}/{metadata.get('name', '')}; {resource.api_version}, Kind={resource.kind}"
        )
        raise ApiError(f"failed to create typed patch object ({place}): {_listed(problems)}")


def _unknown(shape: Shape, value: Any, path: str) -> list[str]:
    found: list[str] = []
    if isinstance(value, dict) and shape.type in {"object", "map"}:
        for name, each in value.items():
            child = shape.child(name)
            if child is None:
                found += [] if shape.preserve else [f"{path}.{name}: field not declared in schema"]
            elif each is not None:
                found += _unknown(child, each, f"{path}.{name}")
    elif isinstance(value, list) and shape.items is not None:
        seen: set[str] = set()
        for index, each in enumerate(value):
            place = f"{path}[{index}]"
            if shape.list_type != "atomic":
                element = fieldset.element_of(shape, each)
                place = path + fieldset.named((element,))
                if element in seen:
                    found.append(f"{path}: duplicate entries for key {_key(element)}")
                seen.add(element)
            found += _unknown(shape.items, each, place)
    return found


def _key(element: str) -> str:
    kind, _, rest = element.partition(":")
    return fieldset.named((element,)) if kind == "k" else f"[{json.loads(rest)!r}]"


def _listed(problems: list[str]) -> str:
    if len(problems) == 1:
        return problems[0]
    return "errors:\n" + "\n".join(f"  {each}" for each in problems)
