"""The rendering of a directory: resources, components, generators and transformers, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from apparch.repository.kustomize import objects, patches, plugins, transformers
from apparch.repository.kustomize.configurations import configured
from apparch.repository.kustomize.defaults import DEFAULT, Configuration, Referred
from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.kustomize.generators import KINDS, absorbed, generated, suffix
from apparch.repository.kustomize.layer import Layer, is_remote, kustomization_files, read_layer, texts
from apparch.repository.kustomize.references import followed
from apparch.repository.kustomize.replacements import replaced
from apparch.repository.kustomize.resource import Resource
from apparch.repository.kustomize.variables import Variable, declared, resolved
from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.view import Repository
from apparch.repository.yaml_file import parse_yaml

DEPTH = 20
"""How many layers may stand on each other."""
LAYERS = 200
"""How many layers a rendering may read, each as often as it is listed."""
OBJECTS = 2_000
"""How many objects a rendering may have."""
CHARTS = ("helmCharts", "helmChartInflationGenerator")
LOCAL = "config.kubernetes.io/local-config"


@dataclass(frozen=True)
class Rendering:
    """What a directory renders to, or why it does not."""

    directory: str
    objects: tuple[Node, ...] = ()
    problem: Problem | None = None
    whole: bool = True
    """Whether every object is here; what others publish and no file of the repository holds does not count."""
    final: bool = True
    """Whether nothing that could not be read may still change them."""

    def of_kind(self, *kinds: str) -> list[Node]:
        """The objects of these kinds."""
        return [node for node in self.objects if objects.kind(node) in kinds]


@dataclass(frozen=True)
class _Built:
    """What a layer and those below it come to."""

    resources: tuple[Resource, ...] = ()
    variables: tuple[Variable, ...] = ()
    references: tuple[Referred, ...] = ()
    tables: Configuration = DEFAULT
    layers: int = 1
    lost: tuple[_Lost, ...] = ()


@dataclass(frozen=True)
class _Lost:
    """What a lenient rendering leaves out."""

    problem: Problem
    changing: bool = False
    """Whether it would have changed the objects of others."""
    elsewhere: bool = False
    """Whether it is not in the repository at all: what somebody else publishes."""


def render(repository: Repository, directory: str, *, lenient: bool = False) -> Rendering:
    """Render as `kustomize build` would; nothing is run, fetched or read outside the repository.

    With `lenient`, what cannot be had (a file that is kept out of Git, a remote base, a program's output) is left
    out, and the rest is rendered all the same; `problem` tells what of the repository is missing.
    """
    try:
        built = _directory(repository, directory, Place(directory), (), lenient=lenient)
        resources = _hashed(list(built.resources))
        resources = followed(transformers.unique(resources), built.tables)
        resources = resolved(resources, built.variables, built.tables)
    except CannotRenderError as error:
        return Rendering(directory, problem=error.problem, whole=False, final=False)
    own = [each for each in built.lost if not each.elsewhere]
    return Rendering(
        directory,
        tuple(each.node for each in resources if not _local(each.node)),
        own[0].problem if own else None,
        whole=not own,
        final=not any(each.changing for each in built.lost),
    )


def plain(repository: Repository, directory: str, paths: list[str]) -> Rendering:
    """Manifests as they are, without any kustomization."""
    made: list[Node] = []
    try:
        for path in paths:
            found = repository.parsed(path, parse_yaml)
            if isinstance(found, Problem):
                return Rendering(directory, problem=found)
            made += [each for node in found for each in _checked(node)]
    except CannotRenderError as error:
        return Rendering(directory, problem=error.problem)
    return Rendering(directory, tuple(made))


def _local(node: Node) -> bool:
    said = node.at("metadata", "annotations", LOCAL)
    return said.present and said.text != "false"


def _hashed(resources: list[Resource]) -> list[Resource]:
    return [
        each.remembered().with_name(f"{objects.name(each.node)}-{suffix(each.node)}") if each.hashed else each
        for each in resources
    ]


def _directory(
    repository: Repository, directory: str, place: Place, above: tuple[str, ...], *, lenient: bool = False
) -> _Built:
    """What a directory comes to by itself; the same wherever it is listed, so it is computed once."""
    for each in above:
        if directory in (each, ".") or each.startswith(f"{directory}/"):
            raise CannotRenderError(place, f"{directory} stands on itself: {each} lies in it and lists it")
    if len(above) >= DEPTH:
        raise CannotRenderError(place, f"more than {DEPTH} layers stand on each other")
    known: dict[tuple[str, bool], _Built | Problem] = repository.memo(_directory)  # type: ignore[assignment]
    if (directory, lenient) not in known:
        try:
            layer = read_layer(repository, directory, place, "Kustomization", lenient=lenient)
            known[directory, lenient] = _layered(layer, _Built(), above)
        except CannotRenderError as error:
            if above:
                raise
            known[directory, lenient] = error.problem
    found = known[directory, lenient]
    if isinstance(found, Problem):
        raise CannotRenderError(found.place, found.message)
    return found


def _layered(layer: Layer, built: _Built, above: tuple[str, ...]) -> _Built:
    """All that a layer does to the resources below it and its own; a component does it to its parent's."""
    below = (*above, layer.directory)
    lost: list[_Lost] = list(built.lost)
    if layer.lenient and any(layer.kustomization.at(each).value for each in CHARTS):
        lost.append(_Lost(Problem(Place(layer.file), "its charts are not rendered"), elsewhere=True))
    for field in ("resources", "bases"):
        for entry in layer.entries(field):
            with _leniently(layer, lost, elsewhere=is_remote(entry.text or "")):
                built = _joined(built, _resource(layer, entry, below), entry)
    resources = list(built.resources)
    for new in _generated(layer, lost):
        resources = absorbed(resources, new)
    built = replace(built, resources=tuple(resources), lost=(*built.lost, *lost[len(built.lost) :]))
    for entry in layer.entries("components"):
        with _leniently(layer, lost, changing=True, elsewhere=is_remote(entry.text or "")):
            component = read_layer(layer.repository, layer.path(entry), entry.place, "Component", lenient=layer.lenient)
            if component.directory in below or len(below) >= DEPTH or built.layers >= LAYERS:
                raise CannotRenderError(entry.place, f"{component.directory} stands on itself, or too deep")
            built = _layered(component, replace(built, layers=built.layers + 1), below)
    tables = configured(layer, built.tables)
    resources = list(built.resources)
    resources = _transformed(layer, resources, tables, above, lost)
    return replace(
        built,
        resources=tuple(resources),
        variables=declared(layer, built.variables),
        tables=tables,
        lost=tuple(dict.fromkeys((*built.lost, *lost))),
    )


@contextmanager
def _leniently(layer: Layer, lost: list[_Lost], *, changing: bool = False, elsewhere: bool = False) -> Iterator[None]:
    """Leave out what a step fails on, where the layer is rendered so."""
    try:
        yield
    except CannotRenderError as error:
        if not layer.lenient:
            raise
        lost.append(_Lost(error.problem, changing, elsewhere))


def _joined(built: _Built, more: _Built, entry: Node) -> _Built:
    resources = [*built.resources, *more.resources]
    if len(resources) > OBJECTS:
        raise CannotRenderError(entry.place, f"more than {OBJECTS} objects")
    layers = built.layers + more.layers
    if layers > LAYERS:
        raise CannotRenderError(entry.place, f"more than {LAYERS} layers in all")
    known = {each.name for each in built.variables}
    twice = next((each for each in more.variables if each.name in known), None)
    if twice is not None:
        raise CannotRenderError(entry.place, f"the variable {twice.name} is there already")
    return _Built(
        tuple(transformers.unique(resources)),
        (*built.variables, *more.variables),
        tables=_both(built.tables, more.tables),
        layers=layers,
        lost=(*built.lost, *more.lost),
    )


def _both(one: Configuration, other: Configuration) -> Configuration:
    if one is other or other is DEFAULT:
        return one
    if one is DEFAULT:
        return other
    return Configuration(
        **{name: tuple(dict.fromkeys((*getattr(one, name), *getattr(other, name)))) for name in vars(one)}
    )


def _resource(layer: Layer, entry: Node, above: tuple[str, ...]) -> _Built:
    path = layer.path(entry)
    if not layer.repository.has(path) and kustomization_files(layer.repository, path):
        return _directory(layer.repository, path, entry.place, above, lenient=layer.lenient)
    if not layer.repository.has(path):
        linked = any(each.place.path == path for each in layer.repository.skipped)
        if any(each.startswith(f"{path}/") for each in layer.repository.files):
            raise CannotRenderError(entry.place, f"{entry} has no kustomization.yaml")
        if not linked:
            raise CannotRenderError(entry.place, f"there is neither a file nor a directory {entry}")
    made = [Resource(each) for node in layer.documents(entry) for each in _checked(node)]
    return _Built(tuple(transformers.unique(made)), layers=0)


def _checked(node: Node) -> list[Node]:
    kind = objects.kind(node)
    if kind.endswith("List") and isinstance(node.at("items").value, list):
        return [each for item in node.at("items").elements() for each in _checked(item)]
    if not (kind and node.at("apiVersion").text and objects.name(node)):
        raise CannotRenderError(node.place, "a resource needs apiVersion, kind and metadata.name")
    return [node]


def _generated(layer: Layer, lost: list[_Lost]) -> list[Resource]:
    common = layer.kustomization.at("generatorOptions")
    made: list[Resource] = []
    for field, kind in KINDS.items():
        for entry in layer.entries(field):
            with _leniently(layer, lost):
                made.append(generated(layer, entry, kind, common))
    for each in _plugins(layer, "generators", (), lost):
        encrypted = plugins.encrypted(each)
        with _leniently(layer, lost):
            made += [plugins.generate(layer, each)] if encrypted is None else _as_written(layer, encrypted)
    return made


def _as_written(layer: Layer, entries: list[Node]) -> list[Resource]:
    """The objects of files that a plugin only decrypts: who they are is written in them, and stays readable."""
    return [Resource(each) for entry in entries for node in layer.documents(entry) for each in _checked(node)]


def _plugins(layer: Layer, field: str, above: tuple[str, ...], lost: list[_Lost]) -> list[Node]:
    """The objects that configure plugins: in a file, in a directory that is rendered, or written in the list."""
    found: list[Node] = []
    for entry in layer.entries(field):
        with _leniently(layer, lost, changing=field == "transformers"):
            if "\n" in (entry.text or ""):
                found += patches.inline(entry)
            else:
                found += [each.node for each in _resource(layer, entry, (*above, layer.directory)).resources]
    return found


def _transformed(
    layer: Layer, resources: list[Resource], tables: Configuration, above: tuple[str, ...], lost: list[_Lost]
) -> list[Resource]:
    """The layer's own changes, in the order in which kustomize makes them."""
    kustomization = layer.kustomization
    # Where an object is missing, a patch that finds none was meant for it.
    changing = not lost
    for entry in layer.entries("patchesStrategicMerge"):
        with _leniently(layer, lost, changing=changing):
            resources = patches.strategic(layer, entry, resources)
    for entry in layer.entries("patches"):
        with _leniently(layer, lost, changing=changing):
            resources = patches.patch(layer, entry, resources)
    resources = transformers.namespace(resources, kustomization.at("namespace"), tables.namespace)
    resources = transformers.prefixed(resources, kustomization.at("namePrefix"), tables.names, suffix=False)
    resources = transformers.prefixed(resources, kustomization.at("nameSuffix"), tables.names, suffix=True)
    resources = transformers.labels(layer, resources, tables)
    resources = transformers.pairs(
        resources, texts(kustomization.at("commonAnnotations"), "commonAnnotations"), tables.annotations
    )
    for entry in layer.entries("patchesJson6902"):
        with _leniently(layer, lost, changing=changing):
            resources = patches.patch(layer, entry, resources)
    resources = transformers.replicas(layer, resources, tables)
    resources = transformers.retagged(layer, resources, tables)
    with _leniently(layer, lost, changing=changing):
        resources = replaced(layer, resources)
    for plugin in _plugins(layer, "transformers", above, lost):
        with _leniently(layer, lost, changing=True):
            resources = plugins.transform(layer, plugin, resources, tables)
    return transformers.unique(resources)
