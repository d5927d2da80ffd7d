"""Strategic merge: mappings merge by key, known lists by the key of their elements, everything else is replaced."""

from __future__ import annotations

from apparch.repository.kustomize.layer import CannotRenderError
from apparch.repository.nodes import Node

KEYS = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "volumes": "name",
    "env": "name",
    "imagePullSecrets": "name",
    "secrets": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
}
"""The lists of built-in kinds that merge, and the key that names an element."""
UNORDERED = frozenset({"finalizers"})
DIRECTIVES = frozenset({"$setElementOrder", "$deleteFromPrimitiveList", "$retainKeys"})


def merge(base: Node, patch: Node, *, lists: bool, parent: str = "") -> Node | None:
    """The base with the patch laid over it; None if the patch deletes it.

    `lists` says whether the object's lists merge: only built-in kinds have a schema that tells the keys.
    Raises CannotRenderError for a directive that is not understood.
    """
    if patch.value is None:
        return None
    if isinstance(patch.value, dict):
        return _merge_mappings(base, patch, lists, parent)
    key = _key(parent, patch, base)
    if lists and key and isinstance(patch.value, list) and isinstance(base.value, list):
        return _merge_lists(base, patch, key)
    if lists and parent in UNORDERED:
        raise CannotRenderError(patch.place, f"not understood: a patch of the list {parent}")
    return patch


def _merge_mappings(base: Node, patch: Node, lists: bool, parent: str) -> Node | None:
    directive = patch.at("$patch").text
    if directive == "delete":
        return None
    if directive not in (None, "merge", "replace"):
        raise CannotRenderError(patch.at("$patch").place, f"not understood: $patch: {directive}")
    for name, _ in patch.items():
        if name.partition("/")[0] in DIRECTIVES:
            raise CannotRenderError(patch.key(name), f"not understood: the directive {name}")
    whole = isinstance(base.value, dict) and directive != "replace"
    entries = dict(base.items()) if whole else {}
    keys = dict(base.keys) if whole else {}
    place = base.place if whole else patch.place
    for name, node in patch.items():
        if name == "$patch":
            continue
        # What the base lacks is merged with nothing, so that nulls and directives inside it still work.
        result = merge(entries.get(name, Node(None, node.place, present=False)), node, lists=lists, parent=name)
        if result is None:
            # What is missing from here on is missing because of the patch.
            place = patch.key(name) if entries.pop(name, None) else place
        else:
            entries[name], keys[name] = result, patch.key(name)
    return Node(entries, place, keys=keys)


def _key(parent: str, patch: Node, base: Node) -> str | None:
    if parent != "ports":
        return KEYS.get(parent)
    elements = [*patch.elements(), *base.elements()]
    for key in ("containerPort", "port"):
        if elements and all(each.at(key).present for each in elements):
            pairs = [(each.at(key).value, each.at("protocol").value) for each in base.elements()]
            if len({number for number, _ in pairs}) != len(pairs):
                raise CannotRenderError(patch.place, "not understood: a patch of ports with the same number twice")
            return key
    return None


def _merge_lists(base: Node, patch: Node, key: str) -> Node:
    """Elements of the patch come first, as kustomize puts them; those that both have are merged."""
    remaining = {}
    for element in base.elements():
        identity = element.at(key).value
        if isinstance(identity, dict | list) or identity is None:
            raise CannotRenderError(element.place, f"not understood: a list element without {key}")
        remaining[identity] = element
    merged: list[Node] = []
    for element in patch.elements():
        if element.at("$patch").text == "replace" and not element.at(key).present:
            rest = [each for each in patch.elements() if each is not element]
            return Node(rest, patch.place)
        identity = element.at(key).value
        if isinstance(identity, dict | list) or identity is None:
            raise CannotRenderError(element.place, f"not understood: a list element without {key}")
        before = remaining.pop(identity, Node(None, element.place, present=False))
        result = merge(before, element, lists=True)
        if result is not None:
            merged.append(result)
    return Node([*merged, *remaining.values()], base.place)
