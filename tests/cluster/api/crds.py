"""CustomResourceDefinitions: checked, made resources of the cluster, and their objects deleted with them."""

from __future__ import annotations

from typing import Any

from tests.cluster import errors
from tests.cluster.api.problems import Problems, invalid, required
from tests.cluster.resources import Resource
from tests.cluster.shelf import Object
from tests.cluster.store import Store


def check_definition(definition: Object) -> None:
    """Refuse a definition that could not be served; raises Invalid."""
    spec, name = definition["spec"], definition["metadata"]["name"]
    found: Problems = []
    wanted = f"{spec['names'].get('plural')}.{spec.get('group')}"
    if name != wanted:
        found.append(invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group'))
    stored = [each["name"] for each in spec.get("versions") or () if each.get("storage")]
    if len(stored) != 1:
        found.append(
            invalid("spec.versions", spec.get("versions"), "must have exactly one version marked as storage version")
        )
    for index, version in enumerate(spec.get("versions") or ()):
        if not (version.get("schema") or {}).get("openAPIV3Schema"):
            text = "schemas are required"
            found.append(required(f"spec.versions[{index}].schema.openAPIV3Schema", text))
    if found:
        raise errors.invalid("apiextensions.k8s.io", "CustomResourceDefinition", name, found)


def register(store: Store, definition: Object) -> None:
    """Serve what a definition defines, and say so in its status."""
    spec = definition["spec"]
    store.resources.remove(spec["group"], spec["names"]["plural"])
    for version in spec["versions"]:
        if version.get("served", True):
            store.resources.add(_resource(spec, version))
    names = {key: spec["names"][key] for key in spec["names"]}
    now = definition["metadata"]["creationTimestamp"]
    told = [
        ("NamesAccepted", "NoConflicts", "no conflicts found"),
        ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    ]
    status: dict[str, Any] = {
        "acceptedNames": names,
        "conditions": [
            {"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": now}
            for kind, reason, message in told
        ],
        "storedVersions": [each["name"] for each in spec["versions"] if each.get("storage")],
    }
    resource = store.resources.named("customresourcedefinitions.apiextensions.k8s.io")
    if definition.get("status") != status:
        store.change(resource, None, definition["metadata"]["name"], lambda it: it.update(status=status), "status")


def unregister(store: Store, definition: Object) -> None:
    """Delete the objects of a definition that is gone, and serve its resource no longer."""
    spec = definition["spec"]
    for resource in list(store.resources):
        if resource.key == (spec["group"], spec["names"]["plural"]):
            for each in store.list(resource)[0]:
                if not each["metadata"].get("deletionTimestamp"):
                    store.delete(resource, each["metadata"].get("namespace"), each["metadata"]["name"])
    store.resources.remove(spec["group"], spec["names"]["plural"])


def _resource(spec: Object, version: Object) -> Resource:
    names = spec["names"]
    return Resource(
        group=spec["group"],
        version=version["name"],
        kind=names["kind"],
        plural=names["plural"],
        namespaced=spec.get("scope", "Namespaced") == "Namespaced",
        singular=names.get("singular") or names["kind"].lower(),
        short=tuple(names.get("shortNames") or ()),
        subresources=frozenset(version.get("subresources") or ()),
        categories=tuple(names.get("categories") or ()),
        generation=True,
        custom=True,
        schema=version["schema"]["openAPIV3Schema"],
        columns=tuple(version.get("additionalPrinterColumns") or ()),
    )
