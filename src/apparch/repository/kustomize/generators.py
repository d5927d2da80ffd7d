"""ConfigMaps and Secrets that a layer generates, and the hash that their names end in."""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
from dataclasses import replace

from apparch.repository.dotenv import parse_generator_lines
from apparch.repository.kustomize import objects
from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.kustomize.layer import Layer, listed, refuse_unknown, texts
from apparch.repository.kustomize.resource import Resource
from apparch.repository.nodes import Node, Plain
from apparch.repository.places import Place, Problem

_FIELDS = frozenset({"name", "namespace", "behavior", "literals", "files", "envs", "env", "options", "type"})
_OPTIONS = frozenset({"disableNameSuffixHash", "immutable", "labels", "annotations"})
KINDS = {"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"}
LINE = 70
"""How many signs a line of base64 has; kustomize breaks longer ones, and its hash sees that."""


def generated(layer: Layer, entry: Node, kind: str, common: Node) -> Resource:
    """The object that one entry of a generator makes; its name gets its hash at the end of the rendering."""
    refuse_unknown(entry, _FIELDS, "a generator's field")
    name, own, place = entry.at("name"), entry.at("options"), entry.place
    if not name.text:
        raise CannotRenderError(place, "a generator needs a name")
    for options in (own, common):
        refuse_unknown(options, _OPTIONS, "the generator option")
    made = {"apiVersion": Node("v1", place), "kind": Node(kind, place), "metadata": Node({"name": name}, place)}
    node = Node(made, place)
    node = _with_data(node, layer, entry, kind)
    if kind == "Secret":
        node = objects.with_entry(node, "type", entry.at("type") if entry.at("type").text else Node("Opaque", place))
    for key in ("labels", "annotations"):
        for options in (common, own):
            for label, value in texts(options.at(key), key):
                node = objects.with_path(node, ("metadata", key, label), value)
    if True in (own.at("immutable").value, common.at("immutable").value):
        node = objects.with_entry(node, "immutable", Node(True, place))
    if entry.at("namespace").text:
        node = objects.with_path(node, ("metadata", "namespace"), entry.at("namespace"))
    hashed = True not in (own.at("disableNameSuffixHash").value, common.at("disableNameSuffixHash").value)
    behavior = entry.at("behavior").text or "create"
    return Resource(node, hashed=hashed, behavior=behavior)


def absorbed(resources: list[Resource], new: Resource) -> list[Resource]:
    """The resources with a generated one among them: beside the others, or in the place of the one it changes."""
    name = new.node.at("metadata", "name")
    same = [each for each in resources if new.identity in each.identities]
    if new.behavior not in ("merge", "replace"):
        if same:
            raise CannotRenderError(name.place, f"{objects.title(new.node)} is there already: say behavior: merge")
        return [*resources, new]
    if len(same) != 1:
        said = "is not there" if not same else "is there several times"
        raise CannotRenderError(name.place, f"{objects.title(new.node)} {said}, so that nothing can be merged")
    return [_changed(each, new) if each is same[0] else each for each in resources]


def _changed(old: Resource, new: Resource) -> Resource:
    node = new.node
    for key in ("labels", "annotations"):
        both = {**dict(old.node.at("metadata", key).items()), **dict(node.at("metadata", key).items())}
        if both:
            keys = {**old.node.at("metadata", key).keys, **node.at("metadata", key).keys}
            node = objects.with_path(node, ("metadata", key), Node(dict(both), node.place, keys=keys))
    for path in (("metadata", "name"), ("metadata", "namespace")):
        if old.node.at(*path).present:
            node = objects.with_path(node, path, old.node.at(*path))
    if new.behavior == "merge":
        for key in ("data", "binaryData"):
            before, after = old.node.at(key), node.at(key)
            if before.present or after.present:
                both = {**dict(before.items()), **dict(after.items())}
                place = before.place if before.present else after.place
                node = objects.with_entry(node, key, Node(dict(both), place, keys={**before.keys, **after.keys}))
    return replace(old, node=node, hashed=old.hashed and new.hashed)


def _with_data(node: Node, layer: Layer, entry: Node, kind: str) -> Node:
    data: dict[str, Node] = {}
    binary: dict[str, Node] = {}
    for key, value, place in _pairs(layer, entry):
        if key in data or key in binary:
            raise CannotRenderError(place, f"the key {key} stands twice")
        try:
            text: str | None = value.decode("utf-8")
        except UnicodeDecodeError:
            text = None
        if kind == "Secret":
            data[key] = Node(_lines(value), place)
        elif text is None:
            binary[key] = Node(_lines(value), place)
        else:
            data[key] = Node(text, place)
    for field, entries in (("data", data), ("binaryData", binary)):
        if entries or (kind == "Secret" and field == "data"):
            keys = {key: each.place for key, each in entries.items()}
            node = objects.with_entry(node, field, Node(dict(entries), entry.place, keys=keys))
    return node


def _lines(value: bytes) -> str:
    text = base64.b64encode(value).decode()
    if len(text) <= LINE:
        return text
    return "".join(f"{text[at : at + LINE]}\n" for at in range(0, len(text), LINE))


def _pairs(layer: Layer, entry: Node) -> list[tuple[str, bytes, Place]]:
    found: list[tuple[str, bytes, Place]] = []
    envs = [*([entry.at("env")] if entry.at("env").text else []), *listed(entry.at("envs"), "envs")]
    for file in envs:
        path = layer.path(file, inside=True)
        entries = layer.repository.parsed(path, parse_generator_lines)
        if isinstance(entries, Problem):
            missing = not layer.repository.has(path)
            raise CannotRenderError(file.place if missing else entries.place, f"{path}: {entries.message}")
        found += [(each.name, each.value.encode(), each.place) for each in entries]
    for literal in listed(entry.at("literals"), "literals"):
        if literal.text is None:
            raise CannotRenderError(literal.place, f"{literal} is no text: put it in quotes")
        key, equals, value = literal.text.partition("=")
        if not equals or not key:
            raise CannotRenderError(literal.place, f"{literal.text[:100]!r} is no key=value")
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
        found.append((key, (value[1:-1] if quoted else value).encode(), literal.place))
    for file in listed(entry.at("files"), "files"):
        key, equals, path = str(file).partition("=")
        if equals and not (key and path):
            raise CannotRenderError(file.place, f"{file} is neither a file nor key=file")
        at = layer.path(Node(path if equals else key, file.place), inside=True)
        content = layer.repository.content(at)
        if isinstance(content, Problem):
            raise CannotRenderError(file.place, f"{at}: {content.message}")
        found.append((key if equals else posixpath.basename(key), content, Place(at)))
    return found


def suffix(node: Node) -> str:
    """kustomize's own hash of an object's content, without its name: five pairs of signs."""
    kind = objects.kind(node)
    content: dict[str, Plain] = {
        "kind": kind,
        "name": "",
        "data": node.at("data").plain if node.at("data").present else "",
    }
    if kind == "ConfigMap" and node.at("binaryData").present:
        content["binaryData"] = node.at("binaryData").plain
    if kind == "Secret":
        content["type"] = node.at("type").plain
        if node.at("stringData").present:
            content["stringData"] = node.at("stringData").plain
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # As Go writes JSON.
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return digest.translate(str.maketrans("013ae", "ghkmt"))
