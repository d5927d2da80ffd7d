"""`vars`: values of objects that others mention as `$(NAME)`, in the fields where kustomize looks for them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apparch.repository.kustomize.defaults import Configuration
from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.kustomize.fields import change
from apparch.repository.kustomize.layer import Layer, refuse_unknown
from apparch.repository.kustomize.resource import Resource
from apparch.repository.nodes import Node

_MENTION = re.compile(r"\$\$|\$\(([^()$]*)\)")


@dataclass(frozen=True)
class Variable:
    """One entry of `vars`."""

    name: str
    entry: Node


def declared(layer: Layer, known: tuple[Variable, ...]) -> tuple[Variable, ...]:
    """The variables of a layer beside those below it; CannotRenderError for a name that means two things."""
    found = list(known)
    for entry in layer.entries("vars"):
        refuse_unknown(entry, frozenset({"name", "objref", "fieldref"}), "a field of vars")
        name = entry.at("name").text
        if not name or not entry.at("objref", "kind").text or not entry.at("objref", "name").text:
            raise CannotRenderError(entry.place, "a variable needs a name, and an objref with kind and name")
        if any(each.name == name for each in found):
            raise CannotRenderError(entry.place, f"the variable {name} is there already")
        found.append(Variable(name, entry))
    return tuple(found)


def resolved(resources: list[Resource], variables: tuple[Variable, ...], tables: Configuration) -> list[Resource]:
    """The resources with every mention of a variable replaced by its value."""
    if not variables:
        return resources
    values = {each.name: _value(each, resources) for each in variables}
    made: list[Resource] = []
    for each in resources:
        node = each.node
        for field in tables.variables:
            if field.of.covers(each.first):
                node = change(node, field.path, lambda found: _expanded(found, values))
        made.append(each.with_node(node))
    return made


def _value(variable: Variable, resources: list[Resource]) -> Node:
    wanted = variable.entry.at("objref")
    group, _, version = (wanted.at("apiVersion").text or "").rpartition("/")
    found = [
        each
        for each in resources
        if any(
            (old.kind, old.name) == (wanted.at("kind").text, wanted.at("name").text)
            and (not wanted.at("apiVersion").text or (old.group, old.version) == (group, version))
            and wanted.at("namespace").text in (None, old.namespace)
            for old in each.identities
        )
    ]
    if len(found) != 1:
        many = "several objects" if found else "no object"
        raise CannotRenderError(variable.entry.place, f"{many} can give the variable {variable.name} its value")
    node = found[0].node
    path = variable.entry.at("fieldref", "fieldpath").text or variable.entry.at("fieldref", "fieldPath").text
    for step in re.findall(r"[^.\[\]]+", path or "metadata.name"):
        node = node.at(int(step)) if step.isdigit() and isinstance(node.value, list) else node.at(step)
    if not node.present or isinstance(node.value, dict | list):
        raise CannotRenderError(variable.entry.place, f"the variable {variable.name} has no plain value")
    return node


def _expanded(node: Node, values: dict[str, Node]) -> Node:
    if isinstance(node.value, dict):
        entries = {key: _expanded(each, values) for key, each in node.items()}
        return Node(dict(entries), node.place, keys=node.keys)
    if node.text is None or "$" not in node.text:
        return node
    whole = re.fullmatch(r"\$\(([^()$]*)\)", node.text)
    if whole and whole[1] in values:
        return Node(values[whole[1]].value, node.place)

    def said(match: re.Match[str]) -> str:
        if match[1] is None:
            return "$"
        return str(values[match[1]]) if match[1] in values else match[0]

    return Node(_MENTION.sub(said, node.text), node.place)
