"""What can be wrong with a field, in the words of the API server."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.cluster.errors import Cause

Problems = list[Cause]


def required(field: str, detail: str = "") -> Cause:
    """Nothing stands where something has to."""
    return _cause("FieldValueRequired", "Required value", field, detail)


def invalid(field: str, value: Any, detail: str) -> Cause:
    """The value breaks a rule."""
    return _cause("FieldValueInvalid", f"Invalid value: {shown(value)}", field, detail)


def forbidden(field: str, detail: str) -> Cause:
    """The value might be right elsewhere."""
    return _cause("FieldValueForbidden", "Forbidden", field, detail)


def duplicate(field: str, value: Any) -> Cause:
    """The value is there already."""
    return _cause("FieldValueDuplicate", f"Duplicate value: {shown(value)}", field, "")


def not_found(field: str, value: Any) -> Cause:
    """The value names nothing."""
    return _cause("FieldValueNotFound", f"Not found: {shown(value)}", field, "")


def unsupported(field: str, value: Any, supported: Iterable[str]) -> Cause:
    """The value is none of those there are."""
    detail = "supported values: " + ", ".join(f'"{each}"' for each in supported)
    return _cause("FieldValueNotSupported", f"Unsupported value: {shown(value)}", field, detail)


def immutable(field: str, value: Any) -> Cause:
    """The value was decided when the object was created."""
    return invalid(field, value, "field is immutable")


def wrong_type(field: str, value: Any, detail: str) -> Cause:
    """The value is of another type than the schema of a custom resource says."""
    return _cause("FieldValueTypeInvalid", f"Invalid value: {shown(value)}", field, detail)


def shown(value: Any) -> str:
    """A value as messages show it."""
    if value is None:
        return '"null"'
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _cause(reason: str, text: str, field: str, detail: str) -> Cause:
    return Cause(reason, f"{text}: {detail}" if detail else text, field)
