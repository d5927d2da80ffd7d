"""An object on its way through the layers: what it is now, and every name that it has had."""

from __future__ import annotations

from dataclasses import dataclass, replace

from apparch.repository.kustomize import objects
from apparch.repository.nodes import Node
from apparch.repository.places import Place

CLUSTER, DEFAULT = "_cluster", "default"
"""Where an object belongs that has no namespace: to none, or to the one that kubectl would take."""


@dataclass(frozen=True)
class Identity:
    """What tells one object from another; of two with the same one, only one may stay."""

    group: str
    version: str
    kind: str
    namespace: str
    """With the default filled in."""
    name: str


@dataclass(frozen=True)
class Resource:
    """An object with what references to it need: its earlier identities, and the prefixes that it was given."""

    node: Node
    previous: tuple[Identity, ...] = ()
    """The oldest first."""
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    hashed: bool = False
    """Whether its name is to end in a hash of its content."""
    behavior: str = ""
    """Of a generated object: whether it is new, or changes one that is there."""

    @property
    def identity(self) -> Identity:
        """What it is now."""
        return identity(self.node)

    @property
    def first(self) -> Identity:
        """What it was in its own file."""
        return self.previous[0] if self.previous else self.identity

    @property
    def identities(self) -> tuple[Identity, ...]:
        """All of them, the current one last."""
        return (*self.previous, self.identity)

    def remembered(self) -> Resource:
        """The same with its current identity among the earlier ones."""
        return replace(self, previous=(*self.previous, self.identity))

    def with_node(self, node: Node) -> Resource:
        """The same with another content."""
        return replace(self, node=node)

    def with_name(self, name: str, place: Place | None = None) -> Resource:
        """The same under another name."""
        old = self.node.at("metadata", "name")
        return self.with_node(objects.with_path(self.node, ("metadata", "name"), Node(name, place or old.place)))


def identity(node: Node) -> Identity:
    """The identity that an object's fields give it."""
    group, _, version = (node.at("apiVersion").text or "").rpartition("/")
    namespace = CLUSTER if objects.cluster_wide(node) else objects.namespace(node) or DEFAULT
    return Identity(group, version, objects.kind(node), namespace, objects.name(node))
