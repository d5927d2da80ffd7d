"""OpenAPI v3 documents of what is served, made from the schemas of the pinned version and of the CRDs."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from tests.cluster.api import shapes
from tests.cluster.resources import Registry, Resource

# Clients ask for version 2 only where version 3 does not know a kind: a document (swagger 2.0) that knows none either.
V2 = b"\x0a\x032.0"
V2_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_QUERY = {"in": "query", "schema": {"type": "string", "uniqueItems": True}}
_WRITE = [{"name": name} | _QUERY for name in ("dryRun", "fieldManager", "fieldValidation", "force")]
_PATCHES = (
    *("application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"),
    "application/strategic-merge-patch+json",
)
_SCALE = "io.k8s.api.autoscaling.v1.Scale"


def index(registry: Registry) -> dict[str, Any]:
    """What `/openapi/v3` answers: where the document of each group and version is."""
    paths = {}
    for group, version in dict.fromkeys((each.group, each.version) for each in registry):
        path = f"apis/{group}/{version}" if group else f"api/{version}"
        digest = hashlib.sha256(document(registry, group, version)).hexdigest()[:32].upper()
        paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"}
    return {"paths": paths}


def document(registry: Registry, group: str, version: str) -> bytes:
    """The OpenAPI v3 document of one group and version, as JSON."""
    found = tuple(each for each in registry if (each.group, each.version) == (group, version))
    custom = any(each.custom for each in found)
    return _document(found) if custom else _cached(found)


@cache
def _cached(found: tuple[Resource, ...]) -> bytes:
    return _document(found)


def _document(found: tuple[Resource, ...]) -> bytes:
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for each in found:
        name = _schema_name(each)
        if each.custom:
            schemas[name] = _custom_schema(each)
            _collect(shapes.META, schemas)
        else:
            _collect(name, schemas)
        paths |= _paths(each, name)
        if "scale" in each.subresources:
            _collect(_SCALE, schemas)
    info = {"title": "Kubernetes", "version": shapes.VERSION}
    told = {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}}
    return json.dumps(told, separators=(",", ":")).encode()


def _schema_name(resource: Resource) -> str:
    if resource.custom:
        return ".".join([*reversed(resource.group.split(".")), resource.version, resource.kind])
    return shapes.names_of_kinds()[resource.group, resource.version, resource.kind]


def _paths(resource: Resource, name: str) -> dict[str, Any]:
    base = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    if resource.namespaced:
        base += "/namespaces/{namespace}"
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    body = {"$ref": f"#/components/schemas/{name}"}
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": body}}}}

    def operation(action: str, forms: tuple[str, ...] = ("application/json",)) -> dict[str, Any]:
        told = {"x-kubernetes-action": action, "x-kubernetes-group-version-kind": kind, "responses": answer}
        if action in {"get", "list"}:
            return told
        content = {each: {"schema": body if action != "patch" else {"type": "object"}} for each in forms}
        return told | {"parameters": _WRITE, "requestBody": {"content": content}}

    collection = {"get": operation("list"), "post": operation("post")}
    # A custom resource knows no strategic merge: kubectl then merges by itself and sends a JSON merge patch.
    forms = _PATCHES[:-1] if resource.custom else _PATCHES
    item = {"get": operation("get"), "put": operation("put"), "patch": operation("patch", forms)}
    return {
        f"{base}/{resource.plural}": collection,
        f"{base}/{resource.plural}/{{name}}": item | {"delete": operation("delete")},
    }


def _custom_schema(resource: Resource) -> dict[str, Any]:
    schema = dict(resource.schema or {"type": "object"})
    known = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"allOf": [{"$ref": f"#/components/schemas/{shapes.META}"}]},
    }
    schema["properties"] = (schema.get("properties") or {}) | known
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    return schema | {"x-kubernetes-group-version-kind": [kind]}


def _collect(name: str, schemas: dict[str, Any]) -> None:
    """A definition and all it speaks of, in the form of OpenAPI v3."""
    if name in schemas:
        return
    schemas[name] = {}
    schemas[name] = _converted(shapes.definitions()[name], schemas)


def _converted(schema: Any, schemas: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_converted(each, schemas) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "$ref" and isinstance(value, str):
            target = value.rpartition("/")[2]
            _collect(target, schemas)
            made["$ref"] = f"#/components/schemas/{target}"
        elif key == "type" and isinstance(value, list):
            made["type"] = next(each for each in value if each != "null")
        elif key == "properties":
            made[key] = {name: _converted(each, schemas) for name, each in value.items()}
        elif key != "description":
            made[key] = _converted(value, schemas)
    if "$ref" in made and len(made) > 1:
        # Beside a reference nothing counts; what is said there needs a place of its own.
        made["allOf"] = [{"$ref": made.pop("$ref")}]
    return made
