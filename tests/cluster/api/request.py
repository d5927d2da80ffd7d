"""What a request asks for: the resource and object in its path, the options in its query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.cluster import errors
from tests.cluster.operation import Options
from tests.cluster.resources import Registry, Resource


@dataclass(frozen=True)
class Target:
    """A resource, and in it perhaps a namespace, an object, a part of that object."""

    resource: Resource
    namespace: str | None = None
    name: str | None = None
    subresource: str | None = None


def target(registry: Registry, path: str) -> Target:
    """The target of a path below /api or /apis; raises NotFound."""
    parts = [each for each in path.split("/") if each]
    if parts[0] == "api":
        group, version, rest = "", parts[1], parts[2:]
    else:
        group, version, rest = parts[1], parts[2], parts[3:]
    namespace = None
    # `namespaces/NAME` is a namespace itself, with its own subresources.
    if len(rest) > 2 and rest[0] == "namespaces" and not (group == "" and rest[2] in {"status", "finalize"}):
        namespace, rest = rest[1], rest[2:]
    resource = registry.at(group, version, rest[0])
    if resource is None or len(rest) > 3 or (namespace and not resource.namespaced):
        raise unknown_path()
    subresource = rest[2] if len(rest) > 2 else None
    if subresource and subresource not in resource.subresources:
        raise unknown_path()
    return Target(resource, namespace, rest[1] if len(rest) > 1 else None, subresource)


def unknown_path() -> errors.NotFound:
    """Nothing is served there."""
    return errors.NotFound("the server could not find the requested resource")


def options(query: Mapping[str, str], headers: Mapping[str, str], user: str) -> Options:
    """Who writes and how, as query and headers say."""
    agent = headers.get("user-agent", "").partition("/")[0]
    return Options(
        dry_run=is_dry_run(query.get("dryRun")),
        manager=query.get("fieldManager") or agent or "unknown",
        user=user,
    )


def is_dry_run(value: str | None) -> bool:
    """Whether nothing is to be kept; raises Invalid for a value other than All."""
    if value not in {None, "", "All"}:
        cause = errors.Cause(
            "FieldValueNotSupported", f'Unsupported value: "{value}": supported values: "All"', "dryRun"
        )
        raise errors.invalid("meta.k8s.io", "CreateOptions", "", [cause])
    return value == "All"
