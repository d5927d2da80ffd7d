"""References by name: whoever names an object whose name changed on the way gets the new one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from apparch.repository.kustomize import objects
from apparch.repository.kustomize.defaults import Configuration
from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.kustomize.fields import Field, Kind, change
from apparch.repository.kustomize.resource import CLUSTER, Resource
from apparch.repository.nodes import Node


def followed(resources: list[Resource], tables: Configuration) -> list[Resource]:
    """The resources with every reference brought up to date."""
    moved = [each for each in resources if each.previous]
    if not moved:
        return resources
    by_kind: dict[str, list[tuple[Field, Kind]]] = {}
    for referred in tables.references:
        for field in referred.fields:
            by_kind.setdefault(field.of.kind, []).append((field, referred.kind))
    made: list[Resource] = []
    for each in resources:
        within = _within_reach(each, moved)
        node = each.node
        for field, kind in (*by_kind.get(each.first.kind, ()), *by_kind.get("", ())):
            if field.of.covers(each.first) and within:
                node = change(node, field.path, partial(_named, each, within, kind, field))
        made.append(each.with_node(node))
    return made


def _within_reach(referrer: Resource, moved: list[Resource]) -> list[Resource]:
    """What the referrer may refer to: of its own namespace, of none, and what a binding says it binds."""
    here = referrer.identity.namespace
    if here == CLUSTER:
        return moved
    bound = {
        subject.at("namespace").text
        for subject in referrer.node.at("subjects").elements()
        if objects.kind(referrer.node) == "RoleBinding" and subject.at("kind").text == "ServiceAccount"
    }
    return [
        each
        for each in moved
        if each.identity.namespace in (here, CLUSTER) or objects.namespace(each.node) in bound - {None}
    ]


def _named(referrer: Resource, within: list[Resource], kind: Kind, field: Field, node: Node) -> Node:
    if isinstance(node.value, dict):
        return _mapping(referrer, within, kind, field, node)
    if node.value is None:
        return node
    found = _referral(referrer, within, kind, field, node, by_namespace=False)
    name = found.node.at("metadata", "name") if found else None
    return Node(name.value, node.place) if name is not None and name.text != node.text else node


def _mapping(referrer: Resource, within: list[Resource], kind: Kind, field: Field, node: Node) -> Node:
    """A reference with a namespace of its own, as a subject of a binding has it."""
    name, namespace = node.at("name"), node.at("namespace")
    if not name.present:
        raise CannotRenderError(node.place, "a name was expected here")
    if namespace.present:
        within = [each for each in within if each.first.namespace == namespace.text] or [
            each for each in within if each.identity.namespace == namespace.text
        ]
    found = _referral(referrer, within, kind, field, name, by_namespace=True)
    if found is None:
        return node
    node = objects.with_entry(node, "name", Node(objects.name(found.node), name.place))
    if objects.namespace(found.node):
        place = namespace.place if namespace.present else name.place
        node = objects.with_entry(node, "namespace", Node(objects.namespace(found.node), place))
    return node


def _referral(
    referrer: Resource, within: Iterable[Resource], kind: Kind, field: Field, name: Node, *, by_namespace: bool
) -> Resource | None:
    """The object that a name means; None if it is not here, CannotRenderError if it could be several."""
    kinds = [kind]
    if field.path[-2:] == ("roleRef", "name"):
        role = referrer.node.at("roleRef")
        if role.at("apiGroup").text and role.at("kind").text:
            kinds.append(Kind(str(role.at("apiGroup").text), kind=str(role.at("kind").text)))
    here = referrer.identity.namespace
    found = [
        each
        for each in within
        if any(old.name == str(name.value) for old in each.previous)
        and all(any(wanted.covers(old) for old in each.previous) for wanted in kinds)
        and (here == CLUSTER or each.identity.namespace in (CLUSTER, here) or each.first.kind == "ServiceAccount")
    ]
    for loosely in (True, False):
        if len(found) == 1:
            return found[0]
        found = [each for each in found if _same_names(referrer, each, loosely)]
    if not found:
        return None
    targets = {(objects.name(each.node), objects.namespace(each.node) if by_namespace else "") for each in found}
    if len(targets) > 1:
        raise CannotRenderError(name.place, f"{name} may mean several objects: {', '.join(sorted(dict(targets)))}")
    return found[0]


def _same_names(one: Resource, other: Resource, loosely: bool) -> bool:
    pairs = ((one.prefixes, other.prefixes), (one.suffixes, other.suffixes))
    return all((loosely and not (mine and theirs)) or _same_end(mine, theirs) for mine, theirs in pairs)


def _same_end(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    length = min(len(one), len(other))
    return one[len(one) - length :] == other[len(other) - length :]
