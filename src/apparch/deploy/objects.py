"""The objects of a Deploy repo as they reach a cluster: rendered by their environment, or written as they are."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apparch.deploy.images import has_own_registry, is_somebody_elses, owner
from apparch.deploy.pods import MAKERS, all_containers, containers
from apparch.deploy.stages import Stage
from apparch.repository import kustomize
from apparch.repository.kustomize.image_name import split_image
from apparch.repository.kustomize.objects import kind, namespace
from apparch.repository.nodes import Node

_PARENTS = frozenset({"overlays", "overlay", "environments", "environment", "envs", "env", "clusters"})
_SHARED = frozenset({"base", "bases", "common", "_base", "components", "component", "lib", "patches"})
_SYSTEM_FOLDERS = frozenset(
    str.split("""
    infrastructure monitoring observability logging system addons add-ons cluster-addons controllers
    operators ingress-nginx ingress-controller cert-manager storage-classes
    bootstrap flux-system metallb metallb-system longhorn prometheus grafana loki traefik kube-system crds crd
    """)
)
_SYSTEM_NAMESPACES = frozenset(
    str.split("""
    kube-system kube-public kube-node-lease monitoring observability logging ingress-nginx cert-manager argocd
    argo flux-system external-secrets sealed-secrets metallb istio-system traefik velero vault longhorn
    prometheus grafana loki
    """)
)
_MANY = 3
"""So many owners of images are no longer one team's."""
_LISTS = ("resources", "bases", "components", "crds", "configurations", "transformers", "generators", "validators")


@dataclass(frozen=True)
class Environment:
    """What is applied at once: an overlay, another kustomization that no other one lists, or an installed chart."""

    directory: str
    stage: Stage | None
    rendering: kustomize.Rendering
    kustomization: Node
    overlay: bool = True
    """Whether it is one of several, as its place tells."""
    install: str = ""
    """What tells it from other installs of the same chart; empty for a kustomization."""

    @property
    def key(self) -> str:
        """What tells it from every other environment."""
        return self.install or self.directory

    @property
    def file(self) -> str:
        """The path of its kustomization, or of what says that the chart is installed."""
        return self.kustomization.place.path


@dataclass(frozen=True, eq=False)
class Seen:
    """An object, and whether something may still be added to it."""

    node: Node
    environment: Environment | None = None
    complete: bool = True
    """False where a kustomization that cannot be rendered lists it, so that nothing can be said to be missing."""
    system: bool = False
    """Whether it is a part of the cluster's own equipment, as its place, namespace or kind tell."""
    others: frozenset[str] = frozenset()
    """Owners of images who are not those of the repository."""


def is_overlay(directory: str, stage: Stage | None) -> bool:
    """Whether a directory with a kustomization is an environment, by its place and name."""
    *above, last = directory.lower().split("/")
    if last in _SHARED or _SHARED.intersection(above[-2:]):
        return False
    return bool(_PARENTS.intersection(above)) or (stage is not None and bool(above) and last.isalpha())


def is_base(directory: str) -> bool:
    """Whether a directory is what overlays build on; one that none of them lists is applied as it is."""
    return bool({"base", "bases"}.intersection(directory.lower().split("/")[-2:]))


def is_shared(directory: str) -> bool:
    """Whether a directory holds what others build on."""
    return bool(_SHARED.intersection(directory.lower().split("/")))


def listed_by(file: str, kustomization: Node) -> Iterator[str]:
    """The files and directories that a kustomization lists as resources, components and the like."""
    directory = posixpath.dirname(file)
    for field in _LISTS:
        for entry in kustomization.at(field).elements():
            if entry.text and "://" not in entry.text:
                yield posixpath.normpath(posixpath.join(directory, entry.text))


def used_by(file: str, kustomization: Node) -> Iterator[str]:
    """The files that a kustomization uses otherwise: patches, and what generators read."""
    directory = posixpath.dirname(file)
    entries = [
        *(each.at("path") for field in ("patches", "patchesJson6902") for each in kustomization.at(field).elements()),
        *kustomization.at("patchesStrategicMerge").elements(),
        *(each.at("path") for each in kustomization.at("replacements").elements()),
        *(each.at("valuesFile") for each in kustomization.at("helmCharts").elements()),
        *(
            each
            for field in ("configMapGenerator", "secretGenerator")
            for made in kustomization.at(field).elements()
            for key in ("files", "envs")
            for each in made.at(key).elements()
        ),
    ]
    for entry in entries:
        if entry.text and "\n" not in entry.text:
            yield posixpath.normpath(posixpath.join(directory, entry.text.rpartition("=")[2]))


def seen(environments: Iterable[Environment], manifests: dict[str, list[Node]], taken: set[str]) -> Iterator[Seen]:
    """Every object once for each environment that has it, then those that no kustomization mentions.

    `taken` are the files that some kustomization mentions.
    """
    places = list(manifests)
    common = posixpath.commonpath([posixpath.dirname(each) for each in places]) if places else ""
    rendered: set[str] = set()
    for each in environments:
        for node in each.rendering.objects:
            rendered.add(node.place.path)
            yield Seen(node, each, each.rendering.final, is_system(node, common))
    for path, objects in manifests.items():
        if path not in rendered:
            for node in objects:
                yield Seen(node, complete=path not in taken, system=is_system(node, common))


def is_system(node: Node, common: str) -> bool:
    """Whether an object is a part of the cluster's own equipment; `common` is the folder that all objects lie in."""
    inner = posixpath.dirname(node.place.path).lower().removeprefix(common.lower())
    home = namespace(node)
    return (
        kind(node) == "DaemonSet"
        or home in _SYSTEM_NAMESPACES
        or home.endswith("-system")
        or bool(_SYSTEM_FOLDERS.intersection(inner.split("/")))
    )


def app_containers(each: Seen, *, before: bool = False) -> list[Node]:
    """The containers of an object's pods that run an app's image; with `before`, init containers too.

    A published product, and what belongs to the cluster's own equipment, is no app: a database, an ingress
    controller, an agent on every node.
    """
    if each.system or kind(each.node) not in MAKERS:
        return []
    found = all_containers(each.node) if before else containers(each.node)
    return [
        container
        for container in found
        if (image := container.at("image").text)
        and not is_somebody_elses(image)
        and (not each.others or owner(image) not in each.others)
    ]


def publishers(found: Iterable[Seen]) -> frozenset[str]:
    """Who publishes one image of those that run on GitHub's registry, where an owner has the repository as well."""
    images = {
        split_image(image)[0].lower()
        for each in found
        if kind(each.node) in MAKERS
        for container in all_containers(each.node)
        if (image := container.at("image").text or "").startswith("ghcr.io/")
    }
    owners = Counter(map(owner, images))
    return frozenset(each for each, count in owners.items() if each and count == 1)


def beside_own(found: Iterable[Seen], watched: frozenset[str]) -> frozenset[str]:
    """Who publishes one image alone where a registry of one's own, or an owner that is watched, has the apps'."""
    images = {
        split_image(image)[0].lower()
        for each in found
        if not each.system and kind(each.node) in MAKERS
        for container in all_containers(each.node)
        if (image := container.at("image").text) and not is_somebody_elses(image)
    }
    owners = Counter(map(owner, images))
    if not (watched & owners.keys() or any(map(has_own_registry, images))):
        return frozenset()
    return frozenset(each for each, count in owners.items() if each and count == 1)


def strange_owners(found: Iterable[Seen]) -> frozenset[str]:
    """Who publishes images that apps' pods run, where they are many: a team's own images have few owners."""
    owners = {
        who
        for each in found
        if not each.system and kind(each.node) in MAKERS
        for container in all_containers(each.node)
        if (image := container.at("image").text) and not is_somebody_elses(image) and (who := owner(image))
    }
    return frozenset(owners) if len(owners) >= _MANY else frozenset()
