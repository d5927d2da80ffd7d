"""`generators` and `transformers`: kustomize's built-in ones, configured in files; no other is run, ever."""

from __future__ import annotations

from collections.abc import Callable

from apparch.repository.kustomize import patches, transformers
from apparch.repository.kustomize.defaults import Configuration
from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.kustomize.fields import fields
from apparch.repository.kustomize.generators import KINDS, generated
from apparch.repository.kustomize.image_name import images
from apparch.repository.kustomize.layer import Layer, listed, texts
from apparch.repository.kustomize.replacements import replacement
from apparch.repository.kustomize.resource import Resource
from apparch.repository.nodes import Node

_HEAD = ("apiVersion", "kind", "metadata")
_GENERATORS = {f"{kind}Generator": kind for kind in KINDS.values()}


def generate(layer: Layer, plugin: Node) -> Resource:
    """What a built-in generator makes."""
    kind = _GENERATORS.get(_kind(plugin))
    if kind is None:
        raise CannotRenderError(plugin.place, f"not understood: the generator {plugin.at('kind')}")
    entries = {key: node for key, node in plugin.items() if key not in _HEAD}
    entries["name"] = plugin.at("metadata", "name")
    if plugin.at("metadata", "namespace").present:
        entries["namespace"] = plugin.at("metadata", "namespace")
    return generated(layer, Node(dict(entries), plugin.place, keys=plugin.keys), kind, Node({}, plugin.place))


def encrypted(plugin: Node) -> list[Node] | None:
    """The files whose objects a generator decrypts and passes on; None for one that makes something else."""
    is_ksops = (plugin.at("apiVersion").text, plugin.at("kind").text) == ("viaduct.ai/v1", "ksops")
    only_files = {key for key, _ in plugin.items()} <= {*_HEAD, "files"}
    return plugin.at("files").elements() if is_ksops and only_files else None


def transform(layer: Layer, plugin: Node, resources: list[Resource], tables: Configuration) -> list[Resource]:
    """What a built-in transformer makes of the resources."""
    change = _TRANSFORMERS.get(_kind(plugin))
    if change is None:
        raise CannotRenderError(plugin.place, f"not understood: the transformer {plugin.at('kind')}")
    return change(layer, plugin, resources)


def _kind(plugin: Node) -> str:
    if plugin.at("apiVersion").text != "builtin":
        raise CannotRenderError(
            plugin.place,
            f"not understood: {plugin.at('apiVersion')} among generators or transformers; no program is run",
        )
    return plugin.at("kind").text or ""


def _names(layer: Layer, plugin: Node, resources: list[Resource]) -> list[Resource]:
    where = tuple(fields(plugin.at("fieldSpecs")))
    resources = transformers.prefixed(resources, plugin.at("prefix"), where, suffix=False)
    return transformers.prefixed(resources, plugin.at("suffix"), where, suffix=True)


def _pairs(key: str) -> Callable[[Layer, Node, list[Resource]], list[Resource]]:
    def change(layer: Layer, plugin: Node, resources: list[Resource]) -> list[Resource]:
        where = tuple(fields(plugin.at("fieldSpecs")))
        return transformers.pairs(resources, texts(plugin.at(key), key), where)

    return change


def _namespace(layer: Layer, plugin: Node, resources: list[Resource]) -> list[Resource]:
    for key in ("unsetOnly", "setRoleBindingSubjects"):
        if plugin.at(key).present:
            raise CannotRenderError(plugin.key(key), f"not understood: {key} of a NamespaceTransformer")
    where = tuple(each for each in fields(plugin.at("fieldSpecs")) if each.path != ("metadata", "namespace"))
    return transformers.namespace(resources, plugin.at("metadata", "namespace"), where)


def _images(layer: Layer, plugin: Node, resources: list[Resource]) -> list[Resource]:
    where = tuple(fields(plugin.at("fieldSpecs")))
    return [each.with_node(images(each.node, plugin.at("imageTag"), where)) for each in resources]


def _replicas(layer: Layer, plugin: Node, resources: list[Resource]) -> list[Resource]:
    return transformers.counted(resources, plugin.at("replica"), tuple(fields(plugin.at("fieldSpecs"))))


def _patch(layer: Layer, plugin: Node, resources: list[Resource]) -> list[Resource]:
    entries = {key: node for key, node in plugin.items() if key not in _HEAD}
    if "jsonOp" in entries:
        entries["patch"] = entries.pop("jsonOp")
    return patches.patch(layer, Node(dict(entries), plugin.place, keys=plugin.keys), resources)


def _strategic(layer: Layer, plugin: Node, resources: list[Resource]) -> list[Resource]:
    for entry in [*listed(plugin.at("paths"), "paths"), *([plugin.at("patches")] if plugin.at("patches").text else [])]:
        resources = patches.strategic(layer, entry, resources)
    return resources


def _replacements(layer: Layer, plugin: Node, resources: list[Resource]) -> list[Resource]:
    for entry in listed(plugin.at("replacements"), "replacements"):
        resources = replacement(entry, resources)
    return resources


_TRANSFORMERS: dict[str, Callable[[Layer, Node, list[Resource]], list[Resource]]] = {
    **dict.fromkeys(("PrefixTransformer", "SuffixTransformer", "PrefixSuffixTransformer"), _names),
    "LabelTransformer": _pairs("labels"),
    "AnnotationsTransformer": _pairs("annotations"),
    "NamespaceTransformer": _namespace,
    "ImageTagTransformer": _images,
    "ReplicaCountTransformer": _replicas,
    "PatchTransformer": _patch,
    "PatchJson6902Transformer": _patch,
    "PatchStrategicMergeTransformer": _strategic,
    "ReplacementTransformer": _replacements,
}
