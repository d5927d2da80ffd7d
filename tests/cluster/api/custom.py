"""The rules that a custom object must keep: those of the schema in its definition."""

from __future__ import annotations

import re
from typing import Any

from tests.cluster.api.problems import Problems, invalid, required, unsupported, wrong_type
from tests.cluster.api.shapes import Shape

_TYPES = {"object": dict, "map": dict, "list": list, "string": str, "boolean": bool}
_FORMATS = {
    "duration": r"^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$",
    "date-time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}


def custom_problems(shape: Shape, thing: Any) -> Problems:
    """All that is wrong with a custom object; rules in CEL are not asked."""
    found: Problems = []
    for name, child in shape.fields.items():
        if name not in {"apiVersion", "kind", "metadata"} and name in thing:
            found += _judge(child, thing[name], name)
    found += [required(name) for name in shape.required if name not in thing]
    return found


def _judge(shape: Shape, value: Any, path: str) -> Problems:
    if value is None and shape.nullable:
        return []
    if not _is_of_type(shape, value):
        stated = _type_name(shape)
        return [wrong_type(path, _go_type(value), f'{path} in body must be of type {stated}: "{_go_type(value)}"')]
    found = _scalar(shape, value, path)
    if isinstance(value, dict):
        found += [required(f"{path}.{name}") for name in shape.required if name not in value]
        for name, each in value.items():
            child = shape.child(name)
            if child is not None and not (shape.embedded and name == "metadata"):
                found += _judge(child, each, f"{path}.{name}")
    elif isinstance(value, list) and shape.items is not None:
        for index, each in enumerate(value):
            found += _judge(shape.items, each, f"{path}[{index}]")
    return found


def _scalar(shape: Shape, value: Any, path: str) -> Problems:
    schema = shape.schema
    found: Problems = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(unsupported(path, value, [str(each) for each in schema["enum"]]))
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(invalid(path, value, f"{path} in body should match '{schema['pattern']}'"))
        if len(value) < schema.get("minLength", 0):
            text = f"{path} in body should be at least {schema['minLength']} chars long"
            found.append(invalid(path, value, text))
        if len(value) > schema.get("maxLength", len(value)):
            found.append(invalid(path, value, f"{path} in body should be at most {schema['maxLength']} chars long"))
        form = _FORMATS.get(schema.get("format", ""))
        if form and not re.search(form, value):
            text = f'{path} in body must be of type {schema["format"]}: "{value}"'
            found.append(invalid(path, value, text))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            text = f"{path} in body should be greater than or equal to {schema['minimum']}"
            found.append(invalid(path, value, text))
        if value > schema.get("maximum", value):
            found.append(invalid(path, value, f"{path} in body should be less than or equal to {schema['maximum']}"))
    elif isinstance(value, list) and len(value) < schema.get("minItems", 0):
        found.append(invalid(path, len(value), f"{path} in body should have at least {schema['minItems']} items"))
    return found


def _is_of_type(shape: Shape, value: Any) -> bool:
    match shape.type:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "int-or-string":
            return isinstance(value, int | str) and not isinstance(value, bool)
        case kind:
            return isinstance(value, _TYPES.get(kind, object))


def _type_name(shape: Shape) -> str:
    return {"map": "object", "list": "array", "int-or-string": "integer,string"}.get(shape.type, shape.type)


def _go_type(value: Any) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return names.get(type(value), "null")
