"""Kubernetes objects: what a node is, which pods it makes, and which containers and images those have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apparch.repository.json_file import parse_json
from apparch.repository.kustomize.layer import FILE_NAMES
from apparch.repository.kustomize.objects import cluster_wide, group, identity, kind, name, namespace, title
from apparch.repository.nodes import Node
from apparch.repository.places import Problem
from apparch.repository.view import Repository
from apparch.repository.yaml_file import parse_yaml

__all__ = [
    "Container", "Image", "cluster_wide", "command", "containers", "flattened", "group", "identity", "images",
    "is_object", "kind", "labels", "manifests", "name", "namespace", "objects", "parse_image", "pod", "pod_labels",
    "references", "title",
]  # fmt: skip

WORKLOADS = frozenset(
    ["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"]
)
"""The kinds that make pods and are built in."""


def is_object(node: Node) -> bool:
    """Whether a document is an object: it has an apiVersion and a kind."""
    return bool(node.at("apiVersion").text and node.at("kind").text)


def flattened(node: Node) -> Iterator[Node]:
    """The object itself, or what a List holds, however deep."""
    asked = [node]
    while asked:
        each = asked.pop(0)
        if kind(each).endswith("List") and each.at("items").elements():
            asked = [*each.at("items").elements(), *asked]
        elif is_object(each):
            yield each


def objects(repository: Repository, path: str) -> tuple[Node, ...]:
    """The objects of a YAML or JSON file; nothing of one that is malformed or a template."""
    if path.endswith(".json"):
        node = repository.parsed(path, parse_json)
        documents: tuple[Node, ...] = () if isinstance(node, Problem) else (node,)
    else:
        text = repository.text(path)
        if isinstance(text, Problem) or ("kind" not in text and "items" not in text):
            return ()
        parsed = repository.parsed(path, parse_yaml)
        documents = () if isinstance(parsed, Problem) else parsed
    return tuple(each for document in documents for each in flattened(document))


def manifests(repository: Repository) -> dict[str, tuple[Node, ...]]:
    """The objects of every file that holds some; kustomizations and what charts are made of are left out."""
    found: dict[str, tuple[Node, ...]] = repository.memo(manifests)
    if found or not repository.files:
        return dict(found)
    for path in repository.matching("*.yaml", "*.yml", "*.json"):
        if path.rpartition("/")[2] in FILE_NAMES or repository.in_chart(path):
            continue
        if path.endswith(".json") and not _may_hold_objects(repository, path):
            continue
        here = objects(repository, path)
        if here:
            found[path] = here
    return dict(found)


def _may_hold_objects(repository: Repository, path: str) -> bool:
    text = repository.text(path)
    return isinstance(text, str) and '"apiVersion"' in text


def labels(node: Node) -> dict[str, str]:
    """The labels of an object."""
    return {key: str(value) for key, value in node.at("metadata", "labels").items()}


def template(node: Node) -> Node:
    """The template of the pods that a workload makes, a Pod being its own; absent for what makes none.

    A custom kind counts as a workload where it has a template with containers at the usual place.
    """
    if kind(node) == "Pod":
        return node
    if kind(node) == "PodTemplate":
        return node.at("template")
    if kind(node) == "CronJob":
        return node.at("spec", "jobTemplate", "spec", "template")
    found = node.at("spec", "template")
    if kind(node) in WORKLOADS or found.at("spec", "containers").present:
        return found
    return Node(None, node.place, present=False)


def pod(node: Node) -> Node:
    """The spec of the pods that a workload makes."""
    return template(node).at("spec")


def pod_labels(node: Node) -> dict[str, str]:
    """The labels of those pods."""
    return labels(template(node))


@dataclass(frozen=True)
class Container:
    """One container of a pod."""

    node: Node
    init: bool = False
    """Whether it runs before the others."""

    @property
    def name(self) -> str:
        """Its name; empty where it has none."""
        return self.node.at("name").text or ""

    @property
    def image(self) -> Node:
        """The image's reference."""
        return self.node.at("image")

    @property
    def sidecar(self) -> bool:
        """Whether it is started before the others and goes on beside them."""
        return self.init and self.node.at("restartPolicy").text == "Always"


def containers(node: Node) -> tuple[Container, ...]:
    """All containers of a workload's pods, those that run first included."""
    spec = pod(node)
    first = (Container(each, init=True) for each in spec.at("initContainers").elements())
    return (*first, *(Container(each) for each in spec.at("containers").elements()))


def command(container: Node) -> list[str]:
    """The words of a container's command and arguments."""
    return [str(each) for key in ("command", "args") for each in container.at(key).elements()]


@dataclass(frozen=True)
class Image:
    """The parts of an image's reference; what is absent is empty."""

    registry: str
    repository: str
    """What stands between the registry and the tag."""
    tag: str
    digest: str

    @property
    def short(self) -> str:
        """The last part of its name."""
        return self.repository.rpartition("/")[2]


def parse_image(text: str) -> Image:
    """A reference such as `ghcr.io/org/app:v1@sha256:...`; a first part with a dot or port is the registry."""
    rest, _, digest = text.strip().partition("@")
    head, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        head, tag = rest, ""
    first, slash, below = head.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return Image(first, below, tag, digest)
    return Image("", head, tag, digest)


def images(node: Node) -> tuple[Node, ...]:
    """The references of all images of a workload's pods."""
    return tuple(each.image for each in containers(node) if each.image.present)


def references(node: Node) -> Iterator[tuple[str, str, Node]]:
    """The ConfigMaps, Secrets, claims and ServiceAccount that a workload's pods refer to: kind, name, and where."""
    spec = pod(node)
    account = spec.at("serviceAccountName")
    if account.text:
        yield "ServiceAccount", account.text, account
    for pull in spec.at("imagePullSecrets").elements():
        yield from _named("Secret", pull.at("name"))
    for each in containers(node):
        for source in each.node.at("envFrom").elements():
            yield from _named("ConfigMap", source.at("configMapRef", "name"))
            yield from _named("Secret", source.at("secretRef", "name"))
        for entry in each.node.at("env").elements():
            yield from _named("ConfigMap", entry.at("valueFrom", "configMapKeyRef", "name"))
            yield from _named("Secret", entry.at("valueFrom", "secretKeyRef", "name"))
    for volume in spec.at("volumes").elements():
        for source in (volume, *volume.at("projected", "sources").elements()):
            yield from _named("ConfigMap", source.at("configMap", "name"))
            yield from _named("Secret", source.at("secret", "secretName"))
            yield from _named("Secret", source.at("secret", "name"))
        yield from _named("PersistentVolumeClaim", volume.at("persistentVolumeClaim", "claimName"))


def _named(wanted: str, node: Node) -> Iterator[tuple[str, str, Node]]:
    if node.text:
        yield wanted, node.text, node
