"""What a layer does to every object: namespace, prefix and suffix, labels, annotations, replicas, images."""

from __future__ import annotations

from dataclasses import replace

from apparch.repository.kustomize import objects
from apparch.repository.kustomize.defaults import Configuration
from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.kustomize.fields import Field, change, field, fields, merged
from apparch.repository.kustomize.image_name import images
from apparch.repository.kustomize.layer import Layer, refuse_unknown, texts
from apparch.repository.kustomize.resource import Identity, Resource
from apparch.repository.nodes import Node

UNNAMED = frozenset({"CustomResourceDefinition", "APIService", "Namespace"})
"""Kinds that keep their name: a prefix would make another thing of them."""
_LABEL_FIELDS = frozenset({"pairs", "includeSelectors", "includeTemplates", "fields"})


def namespace(resources: list[Resource], wanted: Node, where: tuple[Field, ...]) -> list[Resource]:
    """Every object in one namespace; CannotRenderError where two become the same."""
    if not wanted.text:
        return resources
    made = [each.remembered().with_node(_in_namespace(each.node, wanted, where)) for each in resources]
    return unique(made)


def _in_namespace(node: Node, wanted: Node, where: tuple[Field, ...]) -> Node:
    if not objects.cluster_wide(node):
        before = node.at("metadata", "namespace")
        earlier = (before.earlier or before) if before.present else None
        node = objects.with_path(node, ("metadata", "namespace"), Node(wanted.value, wanted.place, earlier=earlier))
    if objects.kind(node) in ("RoleBinding", "ClusterRoleBinding") and node.at("subjects").elements():
        # The account named default is in no file, so nothing else could tell that it moves along.
        subjects = [
            objects.with_entry(each, "namespace", wanted) if each.at("name").text == "default" else each
            for each in node.at("subjects").elements()
        ]
        node = objects.with_entry(node, "subjects", objects.with_value(node.at("subjects"), subjects))
    return _set(node, where, wanted)


def _set(node: Node, where: tuple[Field, ...], value: Node) -> Node:
    identity = Resource(node).identity
    for each in where:
        if each.of.covers(identity):
            node = change(node, each.path, lambda _: value, value if each.create else None)
    return node


def prefixed(resources: list[Resource], text: Node, where: tuple[Field, ...], *, suffix: bool) -> list[Resource]:
    """Every object under a longer name."""
    if not text.text:
        return resources
    return [
        each if each.first.kind in UNNAMED else _prefixed(each, str(text.text), where, suffix) for each in resources
    ]


def _prefixed(each: Resource, text: str, where: tuple[Field, ...], suffix: bool) -> Resource:
    def longer(old: Node) -> Node:
        return Node(f"{old}{text}" if suffix else f"{text}{old}", old.place, earlier=old.earlier or old)

    made = each
    for at in where:
        if not at.of.covers(each.first):
            continue
        if at.path == ("metadata", "name"):
            made = made.remembered()
            if suffix:
                made = replace(made, suffixes=(*made.suffixes, text))
            else:
                made = replace(made, prefixes=(*made.prefixes, text))
        made = made.with_node(change(made.node, at.path, longer))
    return made


def labels(layer: Layer, resources: list[Resource], tables: Configuration) -> list[Resource]:
    """The labels of `labels`, then those of `commonLabels`, which stand in selectors too."""
    for entry in layer.entries("labels"):
        refuse_unknown(entry, _LABEL_FIELDS, "a field of labels")
        own = fields(entry.at("fields"))
        if entry.at("includeSelectors").value is True:
            where = merged(own, tables.labels)
        else:
            more = tables.template_labels if entry.at("includeTemplates").value is True else ()
            where = merged(merged(own, more), (field("metadata/labels", create=True),))
        resources = pairs(resources, texts(entry.at("pairs"), "labels"), where)
    return pairs(resources, texts(layer.kustomization.at("commonLabels"), "commonLabels"), tables.labels)


def pairs(resources: list[Resource], entries: list[tuple[str, Node]], where: tuple[Field, ...]) -> list[Resource]:
    """Each pair set in the mappings at these fields."""
    for key, value in entries:
        resources = [each.with_node(_paired(each.node, key, value, where)) for each in resources]
    return resources


def _paired(node: Node, key: str, value: Node, where: tuple[Field, ...]) -> Node:
    identity = Resource(node).identity
    for each in where:
        if each.of.covers(identity):
            made = Node({}, value.place) if each.create else None
            node = change(node, each.path, lambda old: _entered(old, key, value), made)
    return node


def _entered(old: Node, key: str, value: Node) -> Node:
    if not isinstance(old.value, dict):
        raise CannotRenderError(old.place, f"a mapping was expected, and this is {old}")
    return objects.with_entry(old, key, value)


def replicas(layer: Layer, resources: list[Resource], tables: Configuration) -> list[Resource]:
    """The counts of `replicas`; CannotRenderError for one that fits nothing."""
    for entry in layer.entries("replicas"):
        refuse_unknown(entry, frozenset({"name", "count"}), "a field of replicas")
        if entry.at("count").present and entry.at("count").number is None:
            raise CannotRenderError(entry.at("count").place, f"count is {entry.at('count')}, and must be a number")
        resources = counted(resources, entry, tables.replicas)
    return resources


def counted(resources: list[Resource], entry: Node, where: tuple[Field, ...]) -> list[Resource]:
    """One entry of `replicas`."""
    count = entry.at("count") if entry.at("count").present else Node(0, entry.place)
    found = False
    for at in where:
        named = [
            any(old.name == entry.at("name").text and at.of.covers(old) for old in each.identities)
            for each in resources
        ]
        found = found or any(named)
        resources = [
            each.with_node(change(each.node, at.path, lambda _: count, count)) if chosen else each
            for each, chosen in zip(resources, named, strict=True)
        ]
    if not found:
        raise CannotRenderError(entry.place, f"nothing named {entry.at('name')} has replicas")
    return resources


def retagged(layer: Layer, resources: list[Resource], tables: Configuration) -> list[Resource]:
    """The entries of `images` in every container, and in the fields that a configuration adds."""
    for entry in layer.entries("images"):
        resources = [each.with_node(images(each.node, entry, tables.images)) for each in resources]
    return resources


def unique(resources: list[Resource]) -> list[Resource]:
    """The resources as they are; CannotRenderError where two are the same object."""
    seen: dict[Identity, Resource] = {}
    for each in resources:
        if each.identity in seen:
            title, place = objects.title(each.node), seen[each.identity].node.place
            raise CannotRenderError(each.node.place, f"{title} stands twice; the first is at {place}")
        seen[each.identity] = each
    return resources
