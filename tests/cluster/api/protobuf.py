"""Requests in protobuf, which typed clients send, read as the JSON that they mean."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from tests.cluster.api.gotypes import GoField, GoTypes
from tests.cluster.errors import BadRequest, UnsupportedMediaType
from tests.kube import kubectl

_MAGIC = b"k8s\0"
_META = "k8s.io/apimachinery/pkg/apis/meta/v1"
_SHARED = {"DeleteOptions", "CreateOptions", "UpdateOptions", "PatchOptions", "ListOptions", "GetOptions", "Status"}

Message = list[tuple[int, int | bytes]]


def read(body: bytes) -> dict[str, Any]:
    """The object that a request's body holds; raises BadRequest, UnsupportedMediaType."""
    if not body.startswith(_MAGIC):
        raise BadRequest("provided data does not appear to be a protobuf message")
    outer = dict(_message(body[len(_MAGIC) :]))
    kind_of = dict(_message(_bytes(outer.get(1, b""))))
    version, kind = (_bytes(kind_of.get(each, b"")).decode() for each in (1, 2))
    types = _types()
    type_ = types.find(_META if kind in _SHARED else _package(version), kind)
    if type_ is None:
        raise UnsupportedMediaType(f"{version} {kind} is not read in protobuf; send JSON")
    found = _struct(types, type_, _bytes(outer.get(2, b"")))
    return {"apiVersion": version, "kind": kind} | found


@cache
def _types() -> GoTypes:
    return GoTypes(kubectl())


def _package(version: str) -> str:
    group, _, name = version.rpartition("/")
    return f"k8s.io/api/{group.partition('.')[0] or 'core'}/{name}"


def _message(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        match key & 7:
            case 0:
                value, place = _varint(data, place)
                yield key >> 3, value
            case 1:
                yield key >> 3, data[place : place + 8]
                place += 8
            case 2:
                length, place = _varint(data, place)
                yield key >> 3, data[place : place + length]
                place += length
            case 5:
                yield key >> 3, data[place : place + 4]
                place += 4
            case other:
                raise BadRequest(f"protobuf: wire type {other} is not read")


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, place


def _bytes(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else b""


def _struct(types: GoTypes, type_: int, data: bytes) -> dict[str, Any]:
    fields = {each.number: each for each in types.fields(type_)}
    made: dict[str, Any] = {}
    for number, value in _message(data):
        field = fields.get(number)
        if field is not None:
            _put(types, field, value, made)
    return made


def _put(types: GoTypes, field: GoField, value: int | bytes, made: dict[str, Any]) -> None:
    kind = types.kind(field.type)
    if kind == "slice" and types.kind(types.element(field.type)) != "uint8":
        if types.name(field.type).startswith("[]"):
            made.setdefault(field.json, []).append(_value(types, types.element(field.type), value))
        else:
            # A list with a name of its own is a message with its items.
            made[field.json] = [_bytes(each).decode() for _, each in _message(_bytes(value))]
    elif kind == "map":
        key_type, value_type = types.entry(field.type)
        entry = dict(_message(_bytes(value)))
        key = _value(types, key_type, entry.get(1, b""))
        made.setdefault(field.json, {})[key] = _value(types, value_type, entry.get(2, b""))
    else:
        told = _value(types, field.type, value)
        if not field.json and isinstance(told, dict):
            made.update(told)
        elif not (told is None or (field.omit_empty and kind != "pointer" and told in ("", 0, False))):
            made[field.json] = told


def _value(types: GoTypes, type_: int, value: int | bytes) -> Any:
    kind = types.kind(type_)
    data = _bytes(value)
    made: Any
    match kind:
        case "pointer":
            made = _value(types, types.element(type_), value)
        case "string":
            made = data.decode()
        case "bool":
            made = bool(value)
        case "int" | "int32" | "int64":
            number = value if isinstance(value, int) else 0
            made = number - (1 << 64) if number >> 63 else number
        case "float64":
            made = struct.unpack("<d", data)[0]
        case "slice" if types.kind(types.element(type_)) == "uint8":
            made = base64.b64encode(data).decode()
        case "slice":
            made = [_bytes(each).decode() for _, each in _message(data)]
        case "struct":
            special = _SPECIAL.get(types.name(type_))
            made = special(dict(_message(data))) if special else _struct(types, type_, data)
        case _:
            raise BadRequest(f"protobuf: a {kind} is not read")
    return made


def _time(found: dict[int, int | bytes]) -> str | None:
    seconds = found.get(1, 0)
    if not isinstance(seconds, int) or not found:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _micro_time(found: dict[int, int | bytes]) -> str | None:
    seconds, nanos = found.get(1, 0), found.get(2, 0)
    if not isinstance(seconds, int) or not isinstance(nanos, int) or not found:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{nanos // 1000:06}Z"


def _quantity(found: dict[int, int | bytes]) -> str:
    return _bytes(found.get(1, b"0")).decode()


def _int_or_string(found: dict[int, int | bytes]) -> Any:
    return _bytes(found.get(3, b"")).decode() if found.get(1) else found.get(2, 0)


def _raw(found: dict[int, int | bytes]) -> Any:
    return json.loads(_bytes(found.get(1, b"null")))


_SPECIAL = {
    "v1.Time": _time,
    "v1.MicroTime": _micro_time,
    "resource.Quantity": _quantity,
    "intstr.IntOrString": _int_or_string,
    "runtime.RawExtension": _raw,
    "v1.FieldsV1": _raw,
}
