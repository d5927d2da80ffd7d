"""The rendering of a directory: resources, components, generators, patches and transformers, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

from apparch.repository.kustomize import objects
from apparch.repository.kustomize.generators import generate, renamed
from apparch.repository.kustomize.layer import CannotRenderError, Layer, kustomization_file, read_layer
from apparch.repository.kustomize.patches import patch_all
from apparch.repository.kustomize.transformers import transform
from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.view import Repository

DEPTH = 20
"""How many layers may stand on each other."""
OBJECTS = 2_000
"""How many objects a rendering may have."""


@dataclass(frozen=True)
class Rendering:
    """What a directory renders to, or why it does not."""

    directory: str
    objects: tuple[Node, ...] = ()
    problem: Problem | None = None

    def of_kind(self, *kinds: str) -> list[Node]:
        """The objects of these kinds."""
        return [node for node in self.objects if objects.kind(node) in kinds]


LAYERS = 200
"""How many layers a rendering may read, each as often as it is listed."""


def render(repository: Repository, directory: str) -> Rendering:
    """Render as `kustomize build` would; nothing is run, fetched or read outside the repository."""
    try:
        return Rendering(directory, tuple(_Build(repository).directory(directory, Place(directory), ())))
    except CannotRenderError as error:
        return Rendering(directory, problem=error.problem)


class _Build:
    """One rendering: it counts its layers, because few files can name each other very often."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._count = 0

    def directory(self, directory: str, place: Place, above: tuple[str, ...]) -> list[Node]:
        layer = self._layer(directory, place, above, "Kustomization")
        return self._finish(layer, self._resources(layer, [], above), above)

    def _layer(self, directory: str, place: Place, above: tuple[str, ...], kind: str) -> Layer:
        self._count += 1
        if directory in above or len(above) >= DEPTH or self._count > LAYERS:
            bounds = f"more than {DEPTH} layers deep, or more than {LAYERS} in all"
            raise CannotRenderError(place, f"{directory} stands on itself, or is {bounds}")
        return read_layer(self._repository, directory, place, (kind,))

    def _finish(self, layer: Layer, resources: list[Node], above: tuple[str, ...]) -> list[Node]:
        """All that a layer does to the resources below it and its own; a component does it to its parent's."""
        below = (*above, layer.directory)
        for entry in layer.entries("components"):
            component = self._layer(layer.path(entry), entry.place, below, "Component")
            resources = self._finish(component, self._resources(component, resources, below), below)
        made, names = generate(layer)
        resources = transform(layer, patch_all(layer, _unique([*resources, *made])))
        return [renamed(node, names) for node in resources]

    def _resources(self, layer: Layer, before: list[Node], above: tuple[str, ...]) -> list[Node]:
        resources = list(before)
        for entry in layer.entries("resources"):
            path = layer.path(entry)
            if kustomization_file(self._repository, path):
                resources += self.directory(path, entry.place, (*above, layer.directory))
            else:
                resources += [_checked(node) for node in layer.documents(path, entry.place)]
        return _unique(resources)


def _checked(node: Node) -> Node:
    if not (objects.kind(node) and node.at("apiVersion").text and objects.name(node)):
        raise CannotRenderError(node.place, "a resource needs apiVersion, kind and metadata.name")
    if objects.kind(node) == "List" or (objects.kind(node).endswith("List") and node.at("items").present):
        raise CannotRenderError(node.place, "not understood: a List; write each object by itself")
    return node


def _unique(resources: list[Node]) -> list[Node]:
    if len(resources) > OBJECTS:
        raise CannotRenderError(resources[-1].place, f"more than {OBJECTS} objects")
    seen: dict[tuple[str, str, str, str], Node] = {}
    for node in resources:
        first = seen.setdefault(objects.identity(node), node)
        if first is not node:
            raise CannotRenderError(node.place, f"{objects.title(node)} stands twice; the first is at {first.place}")
    return resources
