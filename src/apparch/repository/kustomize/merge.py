"""Strategic merge: mappings merge by key, known lists by the keys of their elements, everything else is replaced."""

from __future__ import annotations

from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.nodes import Node

Keys = tuple[str, ...]

KEYS: dict[str, Keys] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "imagePullSecrets": ("name",),
    "secrets": ("name",),
    "resourceClaims": ("name",),
    "schedulingGates": ("name",),
    "webhooks": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "ownerReferences": ("uid",),
    "conditions": ("type",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
}
"""The lists of built-in kinds that merge, and what names an element."""
PORTS = (("containerPort", "protocol"), ("port", "protocol"))
SETS = frozenset({"finalizers"})
"""Lists of plain values that are united."""


def merge(base: Node, patch: Node, *, lists: bool, parent: str = "") -> Node | None:
    """The base with the patch laid over it; None if the patch deletes it.

    `lists` says whether the object's lists merge: only built-in kinds have a schema that tells the keys.
    Raises CannotRenderError for a patch that kustomize would not take, or that is not understood.
    """
    if patch.value is None:
        return None
    if isinstance(patch.value, dict):
        _refuse_other(base, patch, dict)
        return _merge_mappings(base, patch, lists, parent)
    if not isinstance(patch.value, list):
        _refuse_collection(base, patch)
        return patch
    _refuse_other(base, patch, list)
    keys = _keys(parent, patch, base) if lists else None
    if keys:
        return _merge_lists(base, patch, keys)
    if lists and parent in SETS and base.present:
        seen = [each.value for each in patch.elements()]
        return Node([*patch.elements(), *(each for each in base.elements() if each.value not in seen)], base.place)
    return patch


def _refuse_other(base: Node, patch: Node, wanted: type) -> None:
    if base.value is not None and not isinstance(base.value, wanted):
        raise CannotRenderError(patch.place, f"the patch has {patch} where there is {base}")


def _refuse_collection(base: Node, patch: Node) -> None:
    if isinstance(base.value, dict | list):
        raise CannotRenderError(patch.place, f"the patch has {patch} where there is {base}")


def _merge_mappings(base: Node, patch: Node, lists: bool, parent: str) -> Node | None:
    directive = patch.at("$patch")
    if directive.text == "delete":
        return None
    if directive.present and directive.text not in ("merge", "replace"):
        raise CannotRenderError(directive.place, f"$patch is {directive}, and may be merge, replace or delete")
    whole = isinstance(base.value, dict) and directive.text != "replace"
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


def _keys(parent: str, patch: Node, base: Node) -> Keys | None:
    if parent != "ports":
        return KEYS.get(parent)
    elements = [each for each in (*patch.elements(), *base.elements()) if isinstance(each.value, dict)]
    for keys in PORTS:
        if any(each.at(keys[0]).present for each in elements):
            return keys
    return None


def _merge_lists(base: Node, patch: Node, keys: Keys) -> Node:
    """Elements of the patch come first, as kustomize puts them; those that both have are merged."""
    if any(each.at("$patch").text == "replace" for each in patch.elements()):
        return Node([each for each in patch.elements() if not each.at("$patch").present], patch.place)
    remaining = {_identity(each, keys): each for each in base.elements()}
    if len(remaining) < len(base.elements()):
        raise CannotRenderError(patch.place, f"not understood: a patch of a list that has the same {keys[0]} twice")
    _refuse_mixed(patch, keys, remaining)
    merged: list[Node] = []
    for element in patch.elements():
        identity = _identity(element, keys)
        if identity not in remaining and any(_alike(identity, each) for each in remaining):
            continue  # kustomize finds the one in the base, and leaves it as it is
        before = remaining.pop(identity, Node(None, element.place, present=False))
        result = merge(before, element, lists=True)
        if result is not None:
            merged.append(result)
    return Node([*merged, *remaining.values()], base.place if base.present else patch.place)


def _refuse_mixed(patch: Node, keys: Keys, base: dict[tuple[object, ...], Node]) -> None:
    """kustomize loses elements where some have all keys and others do not; which ones is not worth a guess."""
    identities = [_identity(each, keys) for each in patch.elements()]
    complete = {None not in each for each in (*identities, *base)}
    partial = [each for each in identities if None in each]
    if len(complete) > 1 and len(identities) > 1 and any(_alike(each, other) for each in partial for other in base):
        raise CannotRenderError(patch.place, f"not understood: a patch of a list in which some have no {keys[-1]}")


def _identity(element: Node, keys: Keys) -> tuple[object, ...]:
    values = [element.at(key).value for key in keys]
    if values[0] is None or any(isinstance(value, dict | list) for value in values):
        raise CannotRenderError(element.place, f"not understood: a list element without {keys[0]}")
    return tuple(values)


def _alike(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return all(mine == theirs or None in (mine, theirs) for mine, theirs in zip(one, other, strict=True))
