"""The patches of a layer: which objects each one means, and what it makes of them."""

from __future__ import annotations

import re

from apparch.repository.kustomize import json_patch, objects
from apparch.repository.kustomize.layer import CannotRenderError, Layer, refuse_unknown
from apparch.repository.kustomize.merge import merge
from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.yaml_file import parse_yaml

_FIELDS = frozenset({"path", "patch", "target", "options"})
_TARGET = frozenset({"group", "version", "kind", "name", "namespace", "labelSelector"})


def patch_all(layer: Layer, resources: list[Node]) -> list[Node]:
    """The resources with every patch of the layer applied, in the order in which they are listed."""
    for entry in layer.entries("patches"):
        refuse_unknown(entry, _FIELDS, "a patch's field")
        if any(node.value for _, node in entry.at("options").items()):
            raise CannotRenderError(entry.key("options"), "not understood: options of a patch")
        for document in _documents(layer, entry):
            resources = _patch(entry, document, resources)
    return resources


def _documents(layer: Layer, entry: Node) -> tuple[Node, ...]:
    inline = entry.at("patch")
    if inline.text is None:
        return layer.documents(layer.path(entry.at("path")), entry.at("path").place)
    found = parse_yaml(inline.text, inline.place.path)
    if isinstance(found, Problem):
        raise CannotRenderError(inline.place, found.message)
    return tuple(_moved(node, inline.place) for node in found)


def _moved(node: Node, to: Place) -> Node:
    """A document inside a string: a block string's text begins in the line below its mark."""

    def place(old: Place) -> Place:
        return Place(to.path, to.line + old.line, to.column)

    match node.value:
        case dict() as entries:
            keys = {key: place(old) for key, old in node.keys.items()}
            return Node({key: _moved(each, to) for key, each in entries.items()}, place(node.place), keys=keys)
        case list() as items:
            return Node([_moved(each, to) for each in items], place(node.place))
    return Node(node.value, place(node.place))


def _patch(entry: Node, document: Node, resources: list[Node]) -> list[Node]:
    target = entry.at("target")
    operations = isinstance(document.value, list)
    if operations and not target.present:
        raise CannotRenderError(entry.place, "a list of operations needs a target")
    chosen = [node for node in resources if (_targets(target, node) if target.present else _same(document, node))]
    if not chosen and not target.present:
        raise CannotRenderError(document.place, f"there is no {objects.title(document)} for this patch")
    result: list[Node] = []
    for node in resources:
        if not any(node is each for each in chosen):
            result.append(node)
            continue
        changed = json_patch.apply(node, document) if operations else _merged(node, document)
        if changed is not None:
            result.append(changed)
    return result


def _merged(node: Node, document: Node) -> Node | None:
    changed = merge(node, document, lists=objects.built_in(node))
    if changed is None:
        return None
    # A patch that has a target may bear any name: it does not rename what it changes.
    for path in (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")):
        before = node.at(*path)
        if before.present:
            changed = objects.with_path(changed, path, before)
    return changed


def _same(patch: Node, node: Node) -> bool:
    wanted, found = objects.identity(patch), objects.identity(node)
    return wanted[:2] == found[:2] and wanted[3] == found[3] and wanted[2] in ("", found[2])


def _targets(target: Node, node: Node) -> bool:
    refuse_unknown(target, _TARGET, "a target's field")
    group, version = objects.group(node), (node.at("apiVersion").text or "").rpartition("/")[2]
    actual = {
        "group": group,
        "version": version,
        "kind": objects.kind(node),
        "name": objects.name(node),
        "namespace": objects.namespace(node),
    }
    for key, value in actual.items():
        wanted = target.at(key).text
        if wanted and not _fits(wanted, value, target.at(key)):
            return False
    return _labelled(target.at("labelSelector"), node)


def _fits(pattern: str, value: str, node: Node) -> bool:
    # Only patterns without repeated groups: a pattern from a stranger must not run for hours.
    if not re.fullmatch(r"[\w.|*+?^$-]+(\([\w.|-]+\))?[\w.|*+?^$-]*", pattern) or len(pattern) > 200:
        raise CannotRenderError(node.place, f"not understood: the pattern {pattern}")
    if pattern.count("*") + pattern.count("+") > 3:
        raise CannotRenderError(node.place, f"not understood: the pattern {pattern}")
    try:
        return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), value) is not None
    except re.error as error:
        raise CannotRenderError(node.place, f"not a pattern: {pattern}") from error


def _labelled(selector: Node, node: Node) -> bool:
    for part in (selector.text or "").split(","):
        if not part.strip():
            continue
        match = re.fullmatch(r"\s*([\w./-]+)\s*(==?|!=)\s*([\w.-]*)\s*", part)
        if match is None:
            raise CannotRenderError(selector.place, f"not understood: the selector {part.strip()}")
        equal = node.at("metadata", "labels", match[1]).text == match[3]
        if equal == (match[2] == "!="):
            return False
    return True
