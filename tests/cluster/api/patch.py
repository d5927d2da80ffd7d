"""Patches of an object: JSON patch, JSON merge patch, and strategic merge patch by the object's schema."""

from __future__ import annotations

import json
from typing import Any

from tests.cluster import errors
from tests.cluster.api.gotext import go_text
from tests.cluster.api.shapes import ANY, Shape
from tests.cluster.shelf import copy

_DIRECTIVES = ("$patch", "$retainKeys", "$setElementOrder/", "$deleteFromPrimitiveList/")


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7386: maps are united, null removes, all else replaces."""
    if not isinstance(patch, dict):
        return copy(patch)
    made = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = merge_patch(made.get(key), value)
    return made


def json_patch(target: Any, operations: Any) -> Any:
    """RFC 6902; raises BadRequest for what is no patch, Invalid where it cannot be applied."""
    if not isinstance(operations, list):
        raise errors.BadRequest(
            "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch"
        )
    document = copy(target)
    for each in operations:
        document = _operate(document, each)
    return document


def strategic_merge(shape: Shape | None, target: Any, patch: Any) -> Any:
    """Kubernetes' own patch: lists with a merge key are united by it, directives in the patch say otherwise."""
    shape = shape or ANY
    if not isinstance(patch, dict):
        return copy(patch)
    if patch.get("$patch") == "replace":
        return {key: copy(value) for key, value in patch.items() if key != "$patch"}
    if patch.get("$patch") == "delete":
        return {}
    made = _directed(target, patch)
    for key, value in patch.items():
        if key.startswith(_DIRECTIVES):
            continue
        child = shape.child(key)
        if value is None:
            made.pop(key, None)
        elif isinstance(value, list):
            made[key] = _merged_list(child or ANY, made.get(key), value, patch.get(f"$setElementOrder/{key}"))
        else:
            made[key] = strategic_merge(child, made.get(key), value)
    for key, value in patch.items():
        if key.startswith("$setElementOrder/") and key.partition("/")[2] not in patch:
            field = key.partition("/")[2]
            if made.get(field):
                made[field] = _ordered(shape.child(field) or ANY, made[field], value, made[field])
    return made


def _directed(target: Any, patch: dict[str, Any]) -> dict[str, Any]:
    """The target after the directives that take something away."""
    made = dict(target) if isinstance(target, dict) else {}
    if "$retainKeys" in patch:
        made = {key: value for key, value in made.items() if key in patch["$retainKeys"]}
    for key, value in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            field = key.partition("/")[2]
            made[field] = [each for each in made.get(field) or [] if each not in value]
    return made


def _merged_list(shape: Shape, target: Any, patch: list[Any], order: Any) -> list[Any]:
    live: list[Any] = list(target or [])
    if "merge" not in shape.strategies:
        return copy(patch)
    if any(isinstance(each, dict) and each.get("$patch") == "replace" for each in patch):
        return [copy(each) for each in patch if not (isinstance(each, dict) and each.get("$patch") == "replace")]
    if not shape.merge_key or not (shape.items and shape.items.type == "object"):
        made = [*live, *(each for each in patch if each not in live)]
        return _ordered(shape, made, order or patch, live)
    key = shape.merge_key
    made = list(live)
    for each in patch:
        if not isinstance(each, dict) or key not in each:
            raise errors.BadRequest(f"map: {go_text(each)} does not contain declared merge key: {key}")
        index = next((place for place, other in enumerate(made) if other.get(key) == each[key]), None)
        if each.get("$patch") == "delete":
            made = [other for other in made if other.get(key) != each[key]]
        elif index is None:
            made.append(strategic_merge(shape.items, {}, each))
        else:
            made[index] = strategic_merge(shape.items, made[index], each)
    return _ordered(shape, made, order or patch, live)


def _ordered(shape: Shape, made: list[Any], order: list[Any], live: list[Any]) -> list[Any]:
    """The items that the patch names in its order; those of the server alone stand where they stood before these."""

    def identity(item: Any) -> Any:
        return item.get(shape.merge_key) if isinstance(item, dict) else item

    places = [identity(each) for each in live]
    wanted = [identity(each) for each in order]
    named = sorted((each for each in made if identity(each) in wanted), key=lambda each: wanted.index(identity(each)))
    others = [each for each in made if identity(each) not in wanted]
    result: list[Any] = []
    while others and named:
        left, right = identity(others[0]), identity(named[0])
        # Only what was there before can stand before another: what is new comes first.
        first = left in places and right in places and places.index(left) < places.index(right)
        result.append((others if first else named).pop(0))
    return [*result, *named, *others]


def _operate(document: Any, operation: Any) -> Any:
    kind, path = operation.get("op"), operation.get("path", "")
    steps = _steps(path)
    match kind:
        case "add" | "replace":
            if kind == "replace":
                _value(document, steps, f"replace operation does not apply: doc is missing key: {path}")
            return _put(document, steps, copy(operation.get("value")), path, insert=kind == "add")
        case "remove":
            return _remove(document, steps, path)
        case "test":
            found = _value(document, steps, None)
            if found != operation.get("value"):
                raise _refused(f"testing value {path} failed: test failed")
            return document
        case "copy" | "move":
            source = _steps(operation.get("from", ""))
            value = copy(_value(document, source, f"{kind} operation does not apply: doc is missing from path"))
            document = _remove(document, source, path) if kind == "move" else document
            return _put(document, steps, value, path, insert=True)
    raise _refused(f"Unexpected kind: {kind}")


def _steps(path: str) -> list[str]:
    return [each.replace("~1", "/").replace("~0", "~") for each in path.split("/")[1:]]


def _value(document: Any, steps: list[str], why: str | None) -> Any:
    for step in steps:
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        elif why is None:
            return None
        else:
            raise _refused(f"{why}: missing value")
    return document


def _put(document: Any, steps: list[str], value: Any, path: str, *, insert: bool) -> Any:
    if not steps:
        return value
    parent = _value(document, steps[:-1], f"add operation does not apply: doc is missing path: {json.dumps(path)}")
    last = steps[-1]
    if isinstance(parent, list):
        index = len(parent) if last == "-" else int(last)
        if insert:
            parent.insert(index, value)
        else:
            parent[index] = value
    else:
        parent[last] = value
    return document


def _remove(document: Any, steps: list[str], path: str) -> Any:
    parent = _value(document, steps[:-1], f"remove operation does not apply: doc is missing path: {json.dumps(path)}")
    last = steps[-1]
    if isinstance(parent, list) and last.isdigit() and int(last) < len(parent):
        del parent[int(last)]
    elif isinstance(parent, dict) and last in parent:
        del parent[last]
    else:
        raise _refused(f"remove operation does not apply: doc is missing path: {json.dumps(path)}: missing value")
    return document


def _refused(_: str) -> errors.Invalid:
    # The API server does not say what is wrong.
    return errors.Invalid("the server rejected our request due to an error in our request", {})
