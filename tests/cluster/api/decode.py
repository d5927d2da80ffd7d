"""A request's body read into an object: duplicate and unknown fields found, wrong types refused."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from tests.cluster.api import protobuf
from tests.cluster.api.shapes import Shape
from tests.cluster.errors import BadRequest

_QUANTITY = re.compile(r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$")
_QUANTITY_FORM = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_GO_INTEGERS = {"int32": "int32", "int64": "int64"}


@dataclass
class Decoded:
    """An object as it was read, and what strict reading would refuse."""

    object: Any
    problems: list[str] = field(default_factory=list)


def parse(body: bytes, media_type: str = "application/json") -> Decoded:
    """JSON, YAML or protobuf, as the type says; raises BadRequest where the body is something else."""
    if "protobuf" in media_type:
        return Decoded(protobuf.read(body))
    duplicates: list[str] = []
    try:
        value = _yaml(body, duplicates) if "yaml" in media_type else _json(body, duplicates)
    except (ValueError, yaml.YAMLError) as error:
        raise BadRequest(f"the object provided is unrecognized (must be of type Object): {error}") from error
    return Decoded(value, [f'duplicate field "{each}"' for each in dict.fromkeys(duplicates)])


def fit(shape: Shape, value: Any, kind: str, version: str) -> Decoded:
    """A built-in object without nulls and unknown fields; raises BadRequest for a value of a wrong type."""
    found = Decoded(None)
    try:
        found.object = _fit(shape, value, "", [], found.problems)
    except _WrongType as error:
        raise BadRequest(f'{kind} in version "{version}" cannot be handled as a {kind}: {error}') from error
    return found


def prune(shape: Shape, value: Any) -> Decoded:
    """A custom object without the fields that its schema does not know; its types are for validation to judge."""
    found = Decoded(None)
    found.object = _prune(shape, value, "", found.problems)
    return found


class _WrongType(ValueError):
    pass


def _json(body: bytes, duplicates: list[str]) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in found:
            if key in made:
                duplicates.append(key)
            made[key] = value
        return made

    value = json.loads(body, object_pairs_hook=pairs)
    return _placed(body, value, duplicates)


def _placed(body: bytes, value: Any, duplicates: list[str]) -> Any:
    # The hook knows no path; where something is doubled, a second reading finds it.
    if duplicates:
        duplicates[:] = list(_doubled(json.loads(body, object_pairs_hook=_Pairs), ""))
    return value


class _Pairs(list[tuple[str, Any]]):
    pass


def _doubled(value: Any, path: str) -> list[str]:
    found = []
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, each in value:
            place = f"{path}.{key}" if path else key
            found += [place] if key in seen else []
            seen.add(key)
            found += _doubled(each, place)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            found += _doubled(each, f"{path}[{index}]")
    return found


def _yaml(body: bytes, duplicates: list[str]) -> Any:
    try:
        return _json(body, duplicates)
    except ValueError:
        return yaml.safe_load(body)


def _fit(shape: Shape, value: Any, path: str, owners: list[str], problems: list[str]) -> Any:
    match shape.type:
        case "object":
            _expect(isinstance(value, dict), value, path, owners, "v1." + shape.go)
            return _fit_fields(shape, value, path, [*owners, shape.go], problems)
        case "map":
            _expect(isinstance(value, dict), value, path, owners, "map[string]string")
            assert shape.items is not None
            kept = {key: each for key, each in value.items() if each is not None}
            return {key: _fit(shape.items, each, f"{path}.{key}", owners, problems) for key, each in kept.items()}
        case "list":
            assert shape.items is not None
            name = f"v1.{shape.items.go}" if shape.items.go else shape.items.type
            _expect(isinstance(value, list), value, path, owners, f"[]{name}")
            return [_fit(shape.items, each, f"{path}[{index}]", owners, problems) for index, each in enumerate(value)]
        case _:
            return _fit_scalar(shape, value, path, owners)


def _fit_fields(shape: Shape, value: dict[str, Any], path: str, owners: list[str], problems: list[str]) -> Any:
    made = {}
    for key, each in value.items():
        place = f"{path}.{key}" if path else key
        child = shape.fields.get(key)
        if child is None:
            if not shape.preserve:
                problems.append(f'unknown field "{place}"')
                continue
            made[key] = each
        elif each is not None:
            made[key] = _fit(child, each, place, owners, problems)
    return made


def _fit_scalar(shape: Shape, value: Any, path: str, owners: list[str]) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match shape.type:
        case "string":
            _expect(isinstance(value, str), value, path, owners, "string")
            if shape.schema.get("format") == "byte":
                _expect_base64(value)
        case "integer":
            whole = is_number and float(value).is_integer()
            _expect(whole, value, path, owners, _GO_INTEGERS.get(shape.schema.get("format", ""), "int64"))
            return int(value)
        case "number":
            _expect(is_number, value, path, owners, "float64")
        case "boolean":
            _expect(isinstance(value, bool), value, path, owners, "bool")
        case "quantity":
            if not (is_number or (isinstance(value, str) and _QUANTITY.match(value))):
                raise _WrongType(_QUANTITY_FORM)
            return str(value)
        case "int-or-string":
            _expect(is_number or isinstance(value, str), value, path, owners, "intstr.IntOrString")
    return value


def _expect(right: bool, value: Any, path: str, owners: list[str], wanted: str) -> None:
    if not right:
        where = re.sub(r"\[\d+\]", "", path)
        owner = owners[-1] if owners else ""
        raise _WrongType(
            f"json: cannot unmarshal {_json_type(value)} into Go struct field {owner}.{where} of type {wanted}"
        )


def _expect_base64(text: str) -> None:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as error:
        wrong = re.search(r"[^A-Za-z0-9+/=]", text)
        # Where all letters are right, the last four of them are too few.
        place = wrong.start() if wrong else len(text) - len(text) % 4
        raise _WrongType(f"illegal base64 data at input byte {place}") from error


def _json_type(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case dict():
            return "object"
        case list():
            return "array"
        case str():
            return "string"
    return "number"


def _prune(shape: Shape, value: Any, path: str, problems: list[str]) -> Any:
    if isinstance(value, dict) and shape.type in {"object", "map", "any"}:
        made = {}
        for key, each in value.items():
            child = shape.fields.get(key) or (shape.items if shape.type == "map" else None)
            place = f"{path}.{key}" if path else key
            if child is None and not (shape.preserve or shape.atomic):
                problems.append(f'unknown field "{place}"')
            elif (
                each is None and (child is None or not child.nullable) and "default" in (child.schema if child else {})
            ):
                continue
            else:
                made[key] = _prune(child, each, place, problems) if child else each
        return made
    if isinstance(value, list) and shape.items is not None:
        return [_prune(shape.items, each, f"{path}[{index}]", problems) for index, each in enumerate(value)]
    return value
