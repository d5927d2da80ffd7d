"""The patches of a layer: which objects each one means, and what it makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from apparch.repository.json_file import parse_json
from apparch.repository.kustomize import json_patch, objects
from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.kustomize.layer import Layer, refuse_unknown
from apparch.repository.kustomize.merge import merge
from apparch.repository.kustomize.patterns import labelled, pattern
from apparch.repository.kustomize.resource import CLUSTER, Identity, Resource, identity
from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.yaml_file import parse_yaml

_FIELDS = frozenset({"path", "patch", "target", "options"})
_OPTIONS = frozenset({"allowNameChange", "allowKindChange"})
TARGET = frozenset({"group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"})


def strategic(layer: Layer, entry: Node, resources: list[Resource]) -> list[Resource]:
    """One entry of `patchesStrategicMerge`: a file, or the patch itself."""
    text = entry.text or ""
    documents = inline(entry) if "\n" in text.strip() or text.lstrip().startswith("{") else layer.documents(entry)
    for document in documents:
        resources = _patch_same(document, resources, Node({}, entry.place))
    return resources


def patch(layer: Layer, entry: Node, resources: list[Resource]) -> list[Resource]:
    """One entry of `patches` or `patchesJson6902`."""
    refuse_unknown(entry, _FIELDS, "a patch's field")
    refuse_unknown(entry.at("options"), _OPTIONS, "an option of patches")
    text, file = entry.at("patch"), entry.at("path")
    if bool(text.text) == bool(file.text):
        raise CannotRenderError(entry.place, "a patch needs either path or patch")
    documents = inline(text) if text.text else _of_file(layer, file)
    target, options = entry.at("target"), entry.at("options")
    if len(documents) == 1 and isinstance(documents[0].value, list):
        if not target.present:
            raise CannotRenderError(entry.place, "a list of operations needs a target")
        return changed(resources, selected(target, resources), lambda each: _operated(each, documents[0]))
    if not documents or not all(objects.kind(each) and objects.name(each) for each in documents):
        raise CannotRenderError(entry.place, "a patch is an object with kind and metadata.name, or operations")
    if not target.present:
        for document in documents:
            resources = _patch_same(document, resources, options)
        return resources
    if len(documents) > 1:
        raise CannotRenderError(entry.place, "a patch with a target may have one document only")
    return changed(resources, selected(target, resources), lambda each: _merged(each, documents[0], options))


def inline(text: Node) -> tuple[Node, ...]:
    """The documents in a string; their places are those of its lines, where the string has lines."""
    written = text.text or ""
    if written.lstrip().startswith("["):
        # kustomize takes what begins so for JSON, and YAML between brackets for nothing.
        read = parse_json(written, text.place.path)
        found: tuple[Node, ...] | Problem = read if isinstance(read, Problem) else (read,)
    else:
        found = parse_yaml(written, text.place.path)
    if isinstance(found, Problem):
        raise CannotRenderError(text.place, found.message)
    return tuple(_moved(node, text.place, "\n" in written.strip()) for node in found)


def _of_file(layer: Layer, file: Node) -> tuple[Node, ...]:
    path = layer.path(file, inside=True)
    text = layer.repository.text(path)
    if isinstance(text, str) and text.lstrip().startswith("["):
        found = layer.repository.parsed(path, parse_json)
        if isinstance(found, Problem):
            raise CannotRenderError(found.place, found.message)
        return (found,)
    return layer.documents(file)


def _moved(node: Node, to: Place, lines: bool) -> Node:
    """A document inside a string: a block string's text begins in the line below its mark."""

    def place(old: Place) -> Place:
        return Place(to.path, to.line + old.line, old.column) if lines else to

    match node.value:
        case dict() as entries:
            keys = {key: place(old) for key, old in node.keys.items()}
            made = {key: _moved(each, to, lines) for key, each in entries.items()}
            return Node(made, place(node.place), keys=keys)
        case list() as items:
            return Node([_moved(each, to, lines) for each in items], place(node.place))
    return Node(node.value, place(node.place))


def changed(
    resources: list[Resource], chosen: Iterable[Resource], change: Callable[[Resource], Resource | None]
) -> list[Resource]:
    """The resources with the chosen ones changed; those that a change leaves nothing of are gone."""
    wanted = {id(each) for each in chosen}
    results = [change(each) if id(each) in wanted else each for each in resources]
    return [each for each in results if each is not None]


def _patch_same(document: Node, resources: list[Resource], options: Node) -> list[Resource]:
    """A patch that names its object itself."""
    wanted = identity(document)
    if not wanted.kind or not wanted.name:
        raise CannotRenderError(document.place, "a patch without a target needs apiVersion, kind and metadata.name")
    chosen = [each for each in resources if wanted in each.identities]
    if not chosen:
        near = [each for each in resources if _named(each.identity) == _named(wanted)]
        hint = f"; there is one in {near[0].node.place}, of {_described(near[0].identity)}" if near else ""
        raise CannotRenderError(
            document.place, f"there is no {objects.title(document)} of {_described(wanted)} for this patch{hint}"
        )
    if len(chosen) > 1:
        raise CannotRenderError(document.place, f"several objects were a {objects.title(document)} for this patch")
    return changed(resources, chosen, lambda each: _merged(each, document, options))


def _named(of: Identity) -> tuple[str, str]:
    return of.kind, of.name


def _described(of: Identity) -> str:
    version = f"{of.group}/{of.version}" if of.group else of.version
    return version if of.namespace == CLUSTER else f"{version} in namespace {of.namespace}"


def _merged(resource: Resource, document: Node, options: Node) -> Resource | None:
    node = resource.node
    result = merge(node, document, lists=objects.built_in(node))
    if result is None or not result.value:
        return None
    kept: list[tuple[str, ...]] = [("apiVersion",), ("metadata", "namespace")]
    fixed: dict[str, tuple[str, ...]] = {"allowNameChange": ("metadata", "name"), "allowKindChange": ("kind",)}
    for option, path in fixed.items():
        if options.at(option).value is True:
            resource = resource.remembered()
        else:
            kept.append(path)
    if options.at("allowKindChange").value is True:
        kept.remove(("apiVersion",))
    # A patch that has a target may bear any name: it does not rename what it changes.
    for path in kept:
        before = node.at(*path)
        if before.present:
            result = objects.with_path(result, path, before)
        elif result.at(*path).present:
            result = objects.with_entry(result, path[0], objects.without(result.at(path[0]), path[-1]))
    return resource.with_node(result)


def _operated(resource: Resource, operations: Node) -> Resource:
    # kustomize keeps notes in the annotations while it works, so that they are there whatever the file says.
    node = resource.node
    if not node.at("metadata", "annotations").present:
        node = objects.with_path(node, ("metadata", "annotations"), Node({}, node.at("metadata").place))
    result = json_patch.apply(node, operations)
    if result.at("metadata", "annotations").value == {}:
        result = objects.with_entry(result, "metadata", objects.without(result.at("metadata"), "annotations"))
    return resource.remembered().with_node(result)


def selected(target: Node, resources: list[Resource]) -> list[Resource]:
    """The resources that a target means, by patterns of their names, past and present, and by selectors."""
    refuse_unknown(target, TARGET, "a target's field")
    return [each for each in resources if _targeted(target, each)]


def _targeted(target: Node, resource: Resource) -> bool:
    now = resource.identity
    for key, values in (
        ("group", [now.group]),
        ("version", [now.version]),
        ("kind", [now.kind]),
        ("name", [each.name for each in resource.identities]),
        ("namespace", [each.namespace for each in resource.identities]),
    ):
        wanted = target.at(key)
        if wanted.text and not any(pattern(wanted.text, wanted.place).fullmatch(value) for value in values):
            return False
    metadata = resource.node.at("metadata")
    return labelled(target.at("labelSelector"), metadata.at("labels")) and labelled(
        target.at("annotationSelector"), metadata.at("annotations")
    )
