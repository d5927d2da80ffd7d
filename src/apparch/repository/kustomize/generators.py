"""ConfigMaps and Secrets that a layer generates, and the hash that their names end in."""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath

from apparch.repository.dotenv import parse_dotenv
from apparch.repository.kustomize import objects
from apparch.repository.kustomize.layer import CannotRenderError, Layer, refuse_unknown
from apparch.repository.nodes import Node, Plain
from apparch.repository.places import Place, Problem

_FIELDS = frozenset({"name", "namespace", "literals", "files", "envs", "options", "type"})
_OPTIONS = frozenset({"disableNameSuffixHash", "labels", "annotations"})
_KINDS = {"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"}


def generate(layer: Layer) -> tuple[list[Node], dict[tuple[str, str], str]]:
    """The generated objects, and for each kind and name the name with its hash."""
    made: list[Node] = []
    names: dict[tuple[str, str], str] = {}
    for field, kind in _KINDS.items():
        for entry in layer.entries(field):
            node, hashed = _object(layer, entry, kind)
            made.append(node)
            if hashed:
                names[kind, entry.at("name").text or ""] = objects.name(node)
    return made, names


def _object(layer: Layer, entry: Node, kind: str) -> tuple[Node, bool]:
    refuse_unknown(entry, _FIELDS, "a generator's field")
    if not entry.at("name").text:
        raise CannotRenderError(entry.place, "a generator needs a name")
    data = _data(layer, entry)
    if kind == "Secret":
        data = {
            key: Node(base64.b64encode(str(node.value).encode()).decode(), node.place) for key, node in data.items()
        }
    own, common = entry.at("options"), layer.kustomization.at("generatorOptions")
    for options in (own, common):
        refuse_unknown(options, _OPTIONS, "the generator option")
    place = entry.place
    keys = {key: node.place for key, node in data.items()}
    node = Node({"apiVersion": Node("v1", place), "kind": Node(kind, place), "metadata": Node({}, place)}, place)
    if data:
        node = objects.with_entry(node, "data", Node(dict(data), place, keys=keys))
    if kind == "Secret":
        node = objects.with_entry(node, "type", entry.at("type") if entry.at("type").text else Node("Opaque", place))
    for key in ("labels", "annotations"):
        for options in (common, own):
            for name, value in options.at(key).items():
                node = objects.with_path(node, ("metadata", key, name), value)
    if entry.at("namespace").text:
        node = objects.with_path(node, ("metadata", "namespace"), entry.at("namespace"))
    hashed = True not in (own.at("disableNameSuffixHash").value, common.at("disableNameSuffixHash").value)
    name = str(entry.at("name").text) + (f"-{_suffix(node)}" if hashed else "")
    return objects.with_path(node, ("metadata", "name"), Node(name, entry.at("name").place)), hashed


def _data(layer: Layer, entry: Node) -> dict[str, Node]:
    data: dict[str, Node] = {}
    for literal in entry.at("literals").elements():
        key, _, value = str(literal).partition("=")
        data[key] = Node(value.strip("'\"") if value[:1] == value[-1:] and value[:1] in "'\"" else value, literal.place)
    for file in entry.at("files").elements():
        key, equals, path = str(file).partition("=")
        named = Node(path if equals else key, file.place)
        text = layer.repository.text(layer.path(named))
        if isinstance(text, Problem):
            raise CannotRenderError(file.place, f"{named}: {text.message}")
        data[key if equals else posixpath.basename(key)] = Node(text, Place(layer.path(named)))
    for file in entry.at("envs").elements():
        entries = layer.repository.parsed(layer.path(file), parse_dotenv)
        if isinstance(entries, Problem):
            raise CannotRenderError(entries.place, entries.message)
        data |= {each.name: Node(each.value, each.place) for each in entries}
    return data


def _suffix(node: Node) -> str:
    """kustomize's own hash, of the object's JSON as Go writes it; the name in it is empty."""
    content: dict[str, Plain] = {"data": node.at("data").plain or "", "kind": objects.kind(node), "name": ""}
    if objects.kind(node) == "Secret":
        content["type"] = node.at("type").plain
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for sign, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(sign, escaped)
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return digest.translate(str.maketrans("013ae", "ghkmt"))


def renamed(node: Node, names: dict[tuple[str, str], str]) -> Node:
    """The node with every reference to a generated object following its hash."""
    if not names:
        return node
    if isinstance(node.value, list):
        return objects.with_value(node, [renamed(each, names) for each in node.value])
    if not isinstance(node.value, dict):
        return node
    entries = {key: _reference(key, renamed(below, names), names) for key, below in node.value.items()}
    return objects.with_value(node, entries)


_REFERENCES = {
    "configMapRef": ("ConfigMap", "name"),
    "configMapKeyRef": ("ConfigMap", "name"),
    "configMap": ("ConfigMap", "name"),
    "secretRef": ("Secret", "name"),
    "secretKeyRef": ("Secret", "name"),
    "secret": ("Secret", "secretName"),
}


def _reference(key: str, node: Node, names: dict[tuple[str, str], str]) -> Node:
    kind, field = _REFERENCES.get(key, ("", ""))
    named = node.at(field)
    new = names.get((kind, named.text or ""))
    return objects.with_entry(node, field, Node(new, named.place)) if new else node
