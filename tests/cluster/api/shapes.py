"""The form of every kind of object: fields, their types, and how lists and maps in them merge."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from tests.cluster.resources import Resource

VERSION = "v1.37.0"
META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_JSON = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON"

Schema = Mapping[str, Any]


@dataclass(eq=False)
class Shape:
    """The form of a value.

    `type` is object (known fields), map (any keys), list, string, integer, number, boolean, quantity, int-or-string,
    or any. `list_type` and `map_type` say how server-side apply merges, `merge_key` and `strategies` how a strategic
    merge patch does.
    """

    type: str
    name: str = ""
    fields: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    list_type: str = "atomic"
    keys: tuple[str, ...] = ()
    atomic: bool = False
    merge_key: str = ""
    strategies: frozenset[str] = frozenset()
    preserve: bool = False
    embedded: bool = False
    nullable: bool = False
    required: tuple[str, ...] = ()
    schema: Schema = field(default_factory=dict)

    @property
    def go(self) -> str:
        """The name that the type has in error messages of the API server: `DeploymentSpec`."""
        return self.name.rpartition(".")[2]

    def child(self, name: str) -> Shape | None:
        """The form of a field or of a map's value; None where there is no such field."""
        return self.items if self.type == "map" else self.fields.get(name)


ANY = Shape("any", atomic=True)


@cache
def definitions() -> dict[str, Schema]:
    """The JSON schemas of the pinned Kubernetes version, by their full names."""
    path = files("kubernetes_validate") / "kubernetes-json-schema" / f"{VERSION}-local" / "_definitions.json"
    found: dict[str, Schema] = json.loads(path.read_text("utf-8"))["$defs"]
    return found


@cache
def names_of_kinds() -> dict[tuple[str, str, str], str]:
    """The full name of the schema of each group, version and kind."""
    found: dict[tuple[str, str, str], str] = {}
    for name, schema in definitions().items():
        for each in schema.get("x-kubernetes-group-version-kind", ()):
            found.setdefault((each["group"], each["version"], each["kind"]), name)
    return found


@cache
def definition(name: str) -> Shape:
    """The form that a schema of the pinned Kubernetes version describes."""
    shape = Shape("", name=name)
    _KNOWN[name] = shape
    _fill(shape, definitions()[name])
    return shape


def of(resource: Resource) -> Shape:
    """The form of a resource's objects."""
    if resource.custom:
        return custom(resource.schema or {"x-kubernetes-preserve-unknown-fields": True, "type": "object"})
    return definition(names_of_kinds()[resource.group, resource.version, resource.kind])


def custom(schema: Schema) -> Shape:
    """The form of a custom resource's objects, by the structural schema of its definition."""
    key = id(schema)
    if key not in _CUSTOM:
        _CUSTOM[key] = schema, _with_metadata(_read(schema))
    return _CUSTOM[key][1]


def walk(shape: Shape | None, value: Any) -> Iterator[tuple[Shape, Any]]:
    """Each value below one, with its form, from the top down; it may be changed on the way."""
    if shape is None:
        return
    yield shape, value
    if isinstance(value, dict):
        for name in list(value):
            yield from walk(shape.child(name), value[name])
    elif isinstance(value, list):
        for each in value:
            yield from walk(shape.items, each)


# Forms that are being read: a schema may speak of itself.
_KNOWN: dict[str, Shape] = {}
# By identity, with the schema beside it so that no other one takes its place.
_CUSTOM: dict[int, tuple[Schema, Shape]] = {}


def _with_metadata(shape: Shape) -> Shape:
    text = Shape("string")
    known = {"apiVersion": text, "kind": text, "metadata": definition(META)}
    return replace(shape, fields=shape.fields | known)


def _read(schema: Schema) -> Shape:
    if "$ref" in schema and isinstance(schema["$ref"], str):
        name = schema["$ref"].rpartition("/")[2]
        shape = _KNOWN.get(name) or definition(name)
        extra = {key: value for key, value in schema.items() if key.startswith("x-kubernetes")}
        return replace(shape, **_annotations(extra)) if extra else shape
    shape = Shape("")
    _fill(shape, schema)
    return shape


def _fill(shape: Shape, schema: Schema) -> None:
    shape.schema = schema
    shape.type = _type(shape.name, schema)
    for name, value in _annotations(schema).items():
        setattr(shape, name, value)
    if shape.type == "any":
        shape.atomic = not shape.preserve
    if "items" in schema:
        shape.items = _read(schema["items"])
    elif shape.type == "map":
        values = schema.get("additionalProperties")
        shape.items = _read(values) if isinstance(values, Mapping) else ANY
    for name, each in (schema.get("properties") or {}).items():
        shape.fields[name] = _read(each)
    if shape.embedded:
        shape.fields.setdefault("metadata", definition(META))


def _type(name: str, schema: Schema) -> str:
    if name == _QUANTITY:
        return "quantity"
    if name == _INT_OR_STRING or schema.get("x-kubernetes-int-or-string"):
        return "int-or-string"
    stated = schema.get("type")
    kind: str = (
        next((each for each in stated if each != "null"), "any") if isinstance(stated, list) else stated or "any"
    )
    if kind == "object" and name != _JSON:
        return _object_type(name, schema)
    return {"array": "list", "object": "any"}.get(kind, kind)


def _object_type(name: str, schema: Schema) -> str:
    if schema.get("properties"):
        return "object"
    if "additionalProperties" in schema:
        return "map"
    # A definition without fields (emptyDir's medium, FieldsV1) takes none or is free, as the schema's name says.
    return "object" if name and not name.endswith(("FieldsV1", "RawExtension", "JSON")) else "any"


def _annotations(schema: Schema) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "x-kubernetes-list-type" in schema:
        found["list_type"] = schema["x-kubernetes-list-type"]
    if "x-kubernetes-list-map-keys" in schema:
        found["keys"] = tuple(schema["x-kubernetes-list-map-keys"])
    if schema.get("x-kubernetes-map-type") == "atomic":
        found["atomic"] = True
    if "x-kubernetes-patch-merge-key" in schema:
        found["merge_key"] = schema["x-kubernetes-patch-merge-key"]
    if "x-kubernetes-patch-strategy" in schema:
        found["strategies"] = frozenset(schema["x-kubernetes-patch-strategy"].split(","))
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        found["preserve"] = True
    if schema.get("x-kubernetes-embedded-resource"):
        found["embedded"] = True
    if schema.get("nullable"):
        found["nullable"] = True
    if schema.get("required"):
        found["required"] = tuple(schema["required"])
    return found
