"""What a layer does to every object: namespace, labels, annotations, replicas, images."""

from __future__ import annotations

from collections.abc import Callable

from apparch.repository.kustomize import objects
from apparch.repository.kustomize.layer import CannotRenderError, Layer, refuse_unknown
from apparch.repository.nodes import Node

_TEMPLATES: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"), (("spec", "template"),)),
    "CronJob": (("spec", "jobTemplate"), ("spec", "jobTemplate", "spec", "template")),
}
_MATCHED = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_SCALED = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})
_IMAGE_FIELDS = frozenset({"name", "newName", "newTag", "digest"})
_LABEL_FIELDS = frozenset({"pairs", "includeSelectors", "includeTemplates"})


def transform(layer: Layer, resources: list[Node]) -> list[Node]:
    """The resources after the layer's own changes, in kustomize's order."""
    for change in (_namespaces, _labels, _annotations, _replicas, _images):
        resources = change(layer, resources)
    return resources


def _namespaces(layer: Layer, resources: list[Node]) -> list[Node]:
    namespace = layer.kustomization.at("namespace")
    if not namespace.text:
        return resources
    accounts = {objects.name(node) for node in resources if objects.kind(node) == "ServiceAccount"} | {"default"}
    return [_in_namespace(node, namespace, accounts) for node in resources]


def _in_namespace(node: Node, namespace: Node, accounts: set[str]) -> Node:
    if objects.kind(node) == "Namespace":
        return objects.with_path(node, ("metadata", "name"), namespace)
    if objects.kind(node) in ("RoleBinding", "ClusterRoleBinding"):
        subjects = [
            objects.with_entry(subject, "namespace", namespace)
            if subject.at("kind").text == "ServiceAccount" and subject.at("name").text in accounts
            else subject
            for subject in node.at("subjects").elements()
        ]
        if subjects:
            node = objects.with_entry(node, "subjects", objects.with_value(node.at("subjects"), subjects))
    if objects.kind(node) in objects.CLUSTER_KINDS:
        return node
    return objects.with_path(node, ("metadata", "namespace"), namespace)


def _labels(layer: Layer, resources: list[Node]) -> list[Node]:
    for entry in layer.entries("labels"):
        refuse_unknown(entry, _LABEL_FIELDS, "a field of labels")
        selectors = entry.at("includeSelectors").value is True
        templates = selectors or entry.at("includeTemplates").value is True
        for label, value in entry.at("pairs").items():
            resources = [_labelled(node, label, value, selectors, templates) for node in resources]
    return resources


def _labelled(node: Node, label: str, value: Node, selectors: bool, templates: bool) -> Node:
    kind = objects.kind(node)
    node = objects.with_path(node, ("metadata", "labels", label), value)
    for template in _TEMPLATES.get(kind, ()):
        if templates and node.at(*template).present:
            node = objects.with_path(node, (*template, "metadata", "labels", label), value)
    if not selectors:
        return node
    if kind in ("NetworkPolicy", "StatefulSet", "DaemonSet", "CronJob", "ReplicationController"):
        raise CannotRenderError(value.place, f"not understood: includeSelectors for a {kind}")
    if kind == "Service" and node.at("spec", "selector").present:
        return objects.with_path(node, ("spec", "selector", label), value)
    if kind in _MATCHED or (kind == "PodDisruptionBudget" and node.at("spec", "selector", "matchLabels").present):
        if node.at("spec", "template", "spec", "topologySpreadConstraints").present or _affine(node):
            raise CannotRenderError(value.place, "not understood: includeSelectors for pods with affinity or spread")
        return objects.with_path(node, ("spec", "selector", "matchLabels", label), value)
    return node


def _affine(node: Node) -> bool:
    return node.at("spec", "template", "spec", "affinity").present


def _annotations(layer: Layer, resources: list[Node]) -> list[Node]:
    for key, value in layer.kustomization.at("commonAnnotations").items():
        changed: list[Node] = []
        for node in resources:
            result = objects.with_path(node, ("metadata", "annotations", key), value)
            for template in _TEMPLATES.get(objects.kind(node), ()):
                if node.at(*template).present:
                    result = objects.with_path(result, (*template, "metadata", "annotations", key), value)
            changed.append(result)
        resources = changed
    return resources


def _replicas(layer: Layer, resources: list[Node]) -> list[Node]:
    for entry in layer.entries("replicas"):
        name, count = entry.at("name").text, entry.at("count")
        if not any(objects.name(node) == name and objects.kind(node) in _SCALED for node in resources):
            raise CannotRenderError(entry.place, f"nothing named {name} has replicas")
        resources = [
            objects.with_path(node, ("spec", "replicas"), count)
            if objects.kind(node) in _SCALED and objects.name(node) == name
            else node
            for node in resources
        ]
    return resources


def _images(layer: Layer, resources: list[Node]) -> list[Node]:
    for entry in layer.entries("images"):
        refuse_unknown(entry, _IMAGE_FIELDS, "a field of images")
        resources = [_with_images(node, lambda image, entry=entry: _retagged(image, entry)) for node in resources]  # type: ignore[misc]
    return resources


def _with_images(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with the image of every container changed, wherever containers stand."""
    if isinstance(node.value, list):
        return objects.with_value(node, [_with_images(each, change) for each in node.value])
    if not isinstance(node.value, dict):
        return node
    entries: dict[str, Node] = {}
    for key, below in node.value.items():
        entries[key] = _with_images(below, change)
        if key in ("containers", "initContainers"):
            entries[key] = objects.with_value(below, [_container(each, change) for each in entries[key].elements()])
    return objects.with_value(node, entries)


def _container(node: Node, change: Callable[[Node], Node]) -> Node:
    return objects.with_entry(node, "image", change(node.at("image"))) if node.at("image").text else node


def _retagged(image: Node, entry: Node) -> Node:
    name, tag, digest = split_image(image.text or "")
    if name != entry.at("name").text:
        return image
    place = image.place
    for key in ("newName", "newTag", "digest"):
        if entry.at(key).value is not None:
            place = entry.at(key).place
    new_name, new_tag, new_digest = entry.at("newName"), entry.at("newTag"), entry.at("digest")
    if new_tag.value is not None and new_tag.text is None:
        raise CannotRenderError(new_tag.place, f"newTag {new_tag} is a number; put it in quotes")
    if new_tag.text:
        tag, digest = new_tag.text, ""
    if new_digest.text:
        tag, digest = "", new_digest.text
    text = (new_name.text or name) + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    return Node(text, place, earlier=image.earlier or image)


def split_image(image: str) -> tuple[str, str, str]:
    """An image reference's name, tag and digest; what is absent is empty."""
    rest, _, digest = image.partition("@")
    head, colon, tag = rest.rpartition(":")
    return (head, tag, digest) if colon and "/" not in tag else (rest, "", digest)
