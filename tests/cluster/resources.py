"""The kinds of object that a cluster knows, looked up by path, by kind or by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from tests.cluster import errors

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True)
class Resource:
    """A resource of the API: `deployments` of `apps/v1`.

    `schema` is set for custom resources only: the structural schema of their definition.
    """

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True
    singular: str = ""
    short: tuple[str, ...] = ()
    subresources: frozenset[str] = frozenset()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = VERBS
    generation: bool = False
    custom: bool = False
    schema: dict[str, Any] | None = field(default=None, compare=False, repr=False)
    columns: tuple[Any, ...] = field(default=(), compare=False, repr=False)

    @property
    def api_version(self) -> str:
        """`apps/v1`, `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def key(self) -> tuple[str, str]:
        """Where objects are kept: all versions of a resource are the same objects."""
        return self.group, self.plural

    @property
    def qualified(self) -> str:
        """`deployments.apps`, `pods`."""
        return errors.qualified(self.group, self.plural)


class Registry:
    """All resources of one cluster; definitions of custom resources add to it."""

    def __init__(self) -> None:
        self._by_kind: dict[tuple[str, str], Resource] = {}
        self._by_name: dict[str, Resource] = {}
        self._by_path: dict[tuple[str, str, str], Resource] = {
            (each.group, each.version, each.plural): each for each in _built_in()
        }
        self._index()

    def __iter__(self) -> Iterator[Resource]:
        return iter(list(self._by_path.values()))

    def add(self, resource: Resource) -> None:
        """Serve a resource, in place of what its path meant before."""
        self._by_path[resource.group, resource.version, resource.plural] = resource
        self._index()

    def remove(self, group: str, plural: str) -> None:
        """Serve a resource no longer, in none of its versions."""
        for path in [each for each in self._by_path if (each[0], each[2]) == (group, plural)]:
            del self._by_path[path]
        self._index()

    def at(self, group: str, version: str, plural: str) -> Resource | None:
        """The resource at `/apis/GROUP/VERSION/.../PLURAL`."""
        return self._by_path.get((group, version, plural))

    def of(self, api_version: str, kind: str) -> Resource | None:
        """The resource of an object's `apiVersion` and `kind`."""
        return self._by_kind.get((api_version, kind))

    def named(self, name: str) -> Resource:
        """The resource by its qualified plural: `pods`, `deployments.apps`; raises KeyError."""
        return self._by_name[name]

    def _index(self) -> None:
        # The first version of a resource is the one that its name means.
        self._by_name = {each.qualified: each for each in reversed(list(self))}
        self._by_kind = {(each.api_version, each.kind): each for each in self}


def _built_in() -> Iterator[Resource]:
    table = yaml.safe_load(Path(__file__).with_name("resources.yaml").read_text("utf-8"))
    for api_version, plurals in table.items():
        group, _, version = api_version.rpartition("/")
        for plural, told in plurals.items():
            yield Resource(
                group=group,
                version=version,
                kind=told["kind"],
                plural=plural,
                namespaced=not told.get("cluster", False),
                singular=told.get("singular", told["kind"].lower()),
                short=tuple(told.get("short", ())),
                subresources=frozenset(told.get("subresources", ())),
                categories=tuple(told.get("categories", ())),
                verbs=tuple(told.get("verbs", VERBS)),
                generation=told.get("generation", False),
            )
