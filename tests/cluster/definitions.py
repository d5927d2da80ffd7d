"""CustomResourceDefinitions of what the documents use, made from the schemas that judge the manifests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.cluster.shelf import Object

from apparch.pages.proved.judges import objects


@dataclass(frozen=True)
class Custom:
    """A custom resource: its names, and the lists in its spec whose items have a key."""

    group: str
    version: str
    kind: str
    plural: str
    keyed: tuple[tuple[str, str], ...] = ()


CUSTOM = (
    Custom("argoproj.io", "v1alpha1", "Application", "applications"),
    Custom("monitoring.coreos.com", "v1", "PrometheusRule", "prometheusrules", (("groups", "name"),)),
    Custom("monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors"),
)
_OURS = ("apiVersion", "kind", "metadata", "status")


def definitions() -> list[Object]:
    """The definitions of all of them."""
    return [definition(each) for each in CUSTOM]


def definition(custom: Custom) -> Object:
    """The definition of one, with the schema that the project's own judge of manifests uses."""
    name = f"{custom.kind.lower()}-{custom.group.split('.')[0]}-{custom.version}.json"
    told = json.loads((objects.CUSTOM / name).read_text("utf-8"))
    schema = _structural(told, told["definitions"])
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    properties = {key: value for key, value in schema["properties"].items() if key not in _OURS}
    for field, key in custom.keyed:
        properties["spec"]["properties"][field] |= {
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [key],
        }
    names = {"kind": custom.kind, "plural": custom.plural, "singular": custom.kind.lower()}
    whole = {"type": "object", "required": ["spec"], "properties": properties | {"status": free}}
    version = {"name": custom.version, "served": True, "storage": True, "subresources": {"status": {}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{custom.plural}.{custom.group}"},
        "spec": {
            "group": custom.group,
            "scope": "Namespaced",
            "names": names | {"listKind": f"{custom.kind}List"},
            "versions": [version | {"schema": {"openAPIV3Schema": whole}}],
        },
    }


def _structural(schema: Any, known: dict[str, Any]) -> dict[str, Any]:
    """A JSON schema as a definition may hold it: nothing referred to, one type each."""
    if "$ref" in schema:
        return _structural(known[schema["$ref"].rpartition("/")[2]], known)
    if isinstance(schema.get("type"), list):
        return {"x-kubernetes-int-or-string": True}
    if "const" in schema:
        return {"type": "string", "enum": [schema["const"]]}
    made: dict[str, Any] = {key: schema[key] for key in ("type", "enum", "required") if key in schema}
    if "properties" in schema:
        made["properties"] = {name: _structural(each, known) for name, each in schema["properties"].items()}
    elif isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = _structural(schema["additionalProperties"], known)
    elif made.get("type") == "object":
        made["x-kubernetes-preserve-unknown-fields"] = True
    if "items" in schema:
        made["items"] = _structural(schema["items"], known)
    return made or {"x-kubernetes-preserve-unknown-fields": True}
