"""What the server serves: groups, versions and resources, aggregated and plain, as clients discover them."""

from __future__ import annotations

from typing import Any

from tests.cluster.errors import NotFound
from tests.cluster.resources import Registry, Resource

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_SCALES = {"scale": ("autoscaling", "v1", "Scale"), "eviction": ("policy", "v1", "Eviction")}
_TOKENS = {"token": ("authentication.k8s.io", "v1", "TokenRequest"), "binding": ("", "v1", "Binding")}
_PARTS = _SCALES | _TOKENS
_CHANGED = ["get", "patch", "update"]
_STREAMED = ["create", "get"]
_PART_VERBS = {"status": _CHANGED, "scale": _CHANGED, "log": ["get"], "exec": _STREAMED, "portforward": _STREAMED}


def versions() -> dict[str, Any]:
    """What `/api` answers."""
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def groups(registry: Registry) -> dict[str, Any]:
    """What `/apis` answers."""
    listed = [_group(name, found) for name, found in _by_group(registry).items() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}


def group(registry: Registry, name: str) -> dict[str, Any]:
    """What `/apis/GROUP` answers; raises NotFound."""
    found = _by_group(registry).get(name)
    if not found:
        raise NotFound("the server could not find the requested resource")
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, found)}


def resources(registry: Registry, name: str, version: str) -> dict[str, Any]:
    """What `/apis/GROUP/VERSION` answers; raises NotFound."""
    found = [each for each in registry if (each.group, each.version) == (name, version)]
    if not found:
        raise NotFound("the server could not find the requested resource")
    listed: list[dict[str, Any]] = []
    for each in found:
        listed.append(_plain(each))
        for part in sorted(each.subresources):
            group_of, version_of, kind = _PARTS.get(part, ("", "", each.kind))
            told = {"name": f"{each.plural}/{part}", "singularName": "", "namespaced": each.namespaced, "kind": kind}
            told |= {"group": group_of, "version": version_of} if part in _PARTS and group_of != each.group else {}
            listed.append(told | {"verbs": _PART_VERBS.get(part, ["create"])})
    version_name = f"{name}/{version}" if name else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version_name, "resources": listed}


def aggregated(registry: Registry, *, core: bool) -> dict[str, Any]:
    """What `/api` or `/apis` answers to a client that asks for all at once."""
    items = []
    for name, found in _by_group(registry).items():
        if (name == "") != core:
            continue
        listed = [
            {
                "version": version,
                "freshness": "Current",
                "resources": [_discovered(each) for each in found if each.version == version],
            }
            for version in _versions(found)
        ]
        items.append({"metadata": {"name": name or None, "creationTimestamp": None}, "versions": listed})
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _by_group(registry: Registry) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for each in registry:
        found.setdefault(each.group, []).append(each)
    return found


def _versions(found: list[Resource]) -> list[str]:
    return list(dict.fromkeys(each.version for each in found))


def _group(name: str, found: list[Resource]) -> dict[str, Any]:
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in _versions(found)]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def _plain(resource: Resource) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short:
        told["shortNames"] = list(resource.short)
    if resource.categories:
        told["categories"] = list(resource.categories)
    return told


def _discovered(resource: Resource) -> dict[str, Any]:
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    parts = []
    for part in sorted(resource.subresources):
        group_of, version_of, kind_of = _PARTS.get(part, (resource.group, resource.version, resource.kind))
        parts.append(
            {
                "subresource": part,
                "responseKind": {"group": group_of, "version": version_of, "kind": kind_of},
                "verbs": _PART_VERBS.get(part, ["create"]),
            }
        )
    told: dict[str, Any] = {
        "resource": resource.plural,
        "responseKind": kind,
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short:
        told["shortNames"] = list(resource.short)
    if resource.categories:
        told["categories"] = list(resource.categories)
    return told | ({"subresources": parts} if parts else {})
