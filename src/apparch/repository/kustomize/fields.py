"""Where a change applies: a path in objects of a kind, as kustomize's own tables and its configurations write it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from apparch.repository.kustomize import objects
from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.kustomize.resource import Identity
from apparch.repository.nodes import Node
from apparch.repository.places import Place


@dataclass(frozen=True)
class Kind:
    """A kind of object; what is empty is any."""

    group: str = ""
    version: str = ""
    kind: str = ""

    def covers(self, identity: Identity) -> bool:
        """Whether an object is of this kind."""
        pairs = ((self.group, identity.group), (self.version, identity.version), (self.kind, identity.kind))
        return all(not wanted or wanted == found for wanted, found in pairs)


@dataclass(frozen=True)
class Field:
    """A path in objects of a kind; `create` says whether it is made where it is missing."""

    path: tuple[str, ...]
    of: Kind = Kind()
    create: bool = False


def field(path: str, kind: str = "", group: str = "", version: str = "", *, create: bool = False) -> Field:
    """A field as the tables write it: steps with slashes between, `\\/` for one that belongs to a step."""
    steps = path.replace("\\/", "\0").split("/")
    return Field(tuple(step.replace("\0", "/") for step in steps), Kind(group, version, kind), create)


def fields(node: Node) -> list[Field]:
    """The fields that a file lists; CannotRenderError for an entry that names no path."""
    found: list[Field] = []
    for entry in node.elements():
        path = entry.at("path").text
        if not path:
            raise CannotRenderError(entry.place, "a field needs a path")
        kind, group, version = (entry.at(key).text or "" for key in ("kind", "group", "version"))
        found.append(field(path, kind, group, version, create=entry.at("create").value is True))
    return found


def merged(first: Iterable[Field], second: Iterable[Field]) -> tuple[Field, ...]:
    """Both lists, each field once."""
    return tuple(dict.fromkeys([*first, *second]))


def change(node: Node, path: tuple[str, ...], to: Callable[[Node], Node], made: Node | None = None) -> Node:
    """The node with what lies at a path changed, in every element of the lists on the way.

    Where the path ends before it is complete, the rest is made if `made` is what begins there.
    """
    if isinstance(node.value, list):
        return objects.with_value(node, [change(each, path, to, made) for each in node.value])
    if not path:
        return to(node)
    if not isinstance(node.value, dict):
        if node.value is None and made is None:
            return node
        raise CannotRenderError(node.place, f"a mapping with {path[0]} was expected, and this is {node}")
    step = path[0].removesuffix("[]")
    below = node.at(step)
    if below.value is None:
        if made is None or step != path[0]:
            return node
        below = made if len(path) == 1 else Node({}, made.place)
    return objects.with_entry(node, step, change(below, path[1:], to, made))


def nothing(place: Place) -> Node:
    """An empty mapping that is about to be filled."""
    return Node({}, place)
