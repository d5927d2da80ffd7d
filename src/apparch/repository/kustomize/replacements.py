"""`replacements`: a value of one object copied to fields of others."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apparch.repository.kustomize import objects
from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.kustomize.layer import Layer, listed, refuse_unknown
from apparch.repository.kustomize.patches import TARGET
from apparch.repository.kustomize.patterns import labelled, pattern
from apparch.repository.kustomize.resource import Resource
from apparch.repository.nodes import Node

_SOURCE = TARGET - {"labelSelector", "annotationSelector"} | {"fieldPath", "options", "apiVersion"}
_OPTIONS = frozenset({"delimiter", "index", "create", "encoding"})
NAME = "metadata.name"
"""Where a value is taken from, and put, when nothing else is said."""


@dataclass(frozen=True)
class _Put:
    """A value on its way to a field."""

    value: Node
    options: Node
    path: Node

    @property
    def create(self) -> bool:
        return self.options.at("create").value is True


def replaced(layer: Layer, resources: list[Resource]) -> list[Resource]:
    """The resources with every replacement of the layer made, in order."""
    for entry in layer.entries("replacements"):
        refuse_unknown(entry, frozenset({"path", "source", "sourceValue", "targets"}), "a field of replacements")
        if entry.at("path").present:
            for document in layer.documents(entry.at("path")):
                for each in document.elements() or [document]:
                    resources = replacement(each, resources)
        else:
            resources = replacement(entry, resources)
    return resources


def replacement(entry: Node, resources: list[Resource]) -> list[Resource]:
    """One replacement."""
    source = entry.at("source")
    if not (source.present or entry.at("sourceValue").present) or not entry.at("targets").elements():
        raise CannotRenderError(entry.place, "a replacement needs a source and targets")
    value = entry.at("sourceValue") if entry.at("sourceValue").present else _value(source, resources)
    for target in listed(entry.at("targets"), "targets"):
        refuse_unknown(target, frozenset({"select", "reject", "fieldPaths", "options"}), "a target's field")
        refuse_unknown(target.at("options"), _OPTIONS, "an option of replacements")
        if not target.at("select").present:
            raise CannotRenderError(target.place, "a target needs select")
        resources = [_targeted(each, target, value) for each in resources]
    return resources


def _value(source: Node, resources: list[Resource]) -> Node:
    refuse_unknown(source, _SOURCE, "a field of source")
    found = [each for each in resources if _is(source, each)]
    if len(found) != 1:
        many = "several objects" if found else "no object"
        raise CannotRenderError(source.place, f"{many} can be the source of this replacement")
    path = _steps(source.at("fieldPath").text or NAME)
    node = found[0].node
    for step in path:
        node = _below(node, step, source.at("fieldPath"))
    if not node.present:
        raise CannotRenderError(source.place, f"the source has no {source.at('fieldPath')}")
    options = source.at("options")
    if options.at("delimiter").text:
        parts = str(node).split(str(options.at("delimiter").text))
        index = int(options.at("index").number or 0)
        if isinstance(node.value, dict | list) or not 0 <= index < len(parts):
            raise CannotRenderError(options.place, f"the source has no part {index}")
        return Node(parts[index], node.place)
    return node


def _is(selector: Node, resource: Resource) -> bool:
    """Whether an object is, or was, the one that a source names exactly."""
    for each in resource.identities:
        pairs = [
            (selector.at(key).text, getattr(each, key)) for key in ("kind", "name", "namespace", "group", "version")
        ]
        if all(not wanted or wanted == found for wanted, found in pairs):
            return True
    return False


def _targeted(resource: Resource, target: Node, value: Node) -> Resource:
    if not _selected(target.at("select"), resource):
        return resource
    if any(_selected(each, resource) for each in target.at("reject").elements() if dict(each.items())):
        return resource
    paths = target.at("fieldPaths").elements() or [Node(NAME, target.place)]
    node = resource.node
    for path in paths:
        node = _put(node, _steps(path.text or ""), _Put(value, target.at("options"), path))
    return resource.with_node(node)


def _selected(selector: Node, resource: Resource) -> bool:
    refuse_unknown(selector, TARGET | {"apiVersion"}, "a field of a selector")
    named = any(
        all(
            not selector.at(key).text
            or pattern(str(selector.at(key).text), selector.at(key).place).fullmatch(getattr(each, key))
            for key in ("kind", "name", "namespace", "group", "version")
        )
        for each in resource.identities
    )
    metadata = resource.node.at("metadata")
    return (
        named
        and labelled(selector.at("labelSelector"), metadata.at("labels"))
        and labelled(selector.at("annotationSelector"), metadata.at("annotations"))
    )


def _steps(path: str) -> list[str]:
    """A path's steps: dots separate them, but not behind a backslash and not in brackets."""
    found = re.findall(r"(?:\[[^\]]*\]|\\.|[^.\\\[])+", path)
    return [step.replace("\\.", ".") if not step.startswith("[") else step for step in found]


def _below(node: Node, step: str, where: Node) -> Node:
    if isinstance(node.value, list):
        index = _index(node, step, where)
        return node.at(index) if index is not None else Node(None, node.place, present=False)
    return node.at(step)


def _index(node: Node, step: str, where: Node) -> int | None:
    """The element of a list that a step names by its position or by the value of a key."""
    match = re.fullmatch(r"\[([^=\]]*)=([^\]]*)\]", step)
    if match:
        for index, each in enumerate(node.elements()):
            if str((each.at(match[1]) if match[1] else each).value) == match[2]:
                return index
        return None
    if step.isascii() and step.isdigit() and len(step) < 10:
        return int(step) if int(step) < len(node.elements()) else None
    if step == "-":
        return len(node.elements()) - 1 if node.elements() else None
    raise CannotRenderError(where.place, f"{step} names no element of a list")


def _put(node: Node, steps: list[str], put: _Put) -> Node:
    if not steps:
        return _set(node, put.value, put.options)
    step, rest = steps[0], steps[1:]
    if step == "*" and isinstance(node.value, list):
        return objects.with_value(node, [_put(each, rest, put) for each in node.elements()])
    if isinstance(node.value, list):
        index = _index(node, step, put.path)
        items = list(node.elements())
        if index is None:
            items.append(_put(_made(step, put), rest, put))
        else:
            items[index] = _put(items[index], rest, put)
        return objects.with_value(node, items)
    if not isinstance(node.value, dict):
        raise CannotRenderError(put.path.place, f"there is no mapping with {step}")
    below = node.at(step)
    if below.value is None and not (below.present and not rest):
        if not put.create:
            raise CannotRenderError(put.path.place, f"an object that is selected has no field {put.path}")
        made = Node([], put.value.place) if rest and rest[0].startswith("[") else Node({}, put.value.place)
        below = made if rest else Node("", put.value.place, present=False)
    return objects.with_entry(node, step, _put(below, rest, put))


def _made(step: str, put: _Put) -> Node:
    """A list element that was looked for by a key and that a replacement may make."""
    match = re.fullmatch(r"\[([^=\]]+)=([^\]]*)\]", step)
    if not put.create or match is None:
        raise CannotRenderError(put.path.place, f"no element is {step}")
    return Node({match[1]: Node(match[2], put.value.place)}, put.value.place)


def _set(node: Node, value: Node, options: Node) -> Node:
    if options.at("delimiter").text:
        delimiter = str(options.at("delimiter").text)
        if isinstance(node.value, dict | list) or isinstance(value.value, dict | list):
            raise CannotRenderError(options.place, "a delimiter divides plain values only")
        parts, index = str(node).split(delimiter), int(options.at("index").number or 0)
        if index < 0:
            parts = [str(value), *parts]
        elif index >= len(parts):
            parts = [*parts, str(value)]
        else:
            parts[index] = str(value)
        value = Node(delimiter.join(parts), value.place)
    if isinstance(node.value, dict | list) or isinstance(value.value, dict | list) or not node.present:
        return Node(value.value, value.place, keys=value.keys)
    return Node(_typed(node, value), value.place, earlier=node.earlier or node)


def _typed(node: Node, value: Node) -> str | int | float | bool | None:
    """A value in the type that the field had: a text stays a text."""
    if isinstance(node.value, str):
        return str(value)
    if isinstance(value.value, str) and re.fullmatch(r"-?[0-9]{1,18}", value.value):
        return int(value.value)
    return value.value if not isinstance(value.value, dict | list) else None
