"""A Deploy repo, or the part of a repository that is one, as the judges of Deploy rules read it."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import replace
from functools import cached_property

from apparch.deploy.objects import (
    Environment,
    Seen,
    beside_own,
    is_base,
    is_overlay,
    is_shared,
    listed_by,
    publishers,
    seen,
    strange_owners,
    used_by,
)
from apparch.deploy.pods import MAKERS
from apparch.deploy.stages import stage
from apparch.repository import Node, Place, Problem, kustomize
from apparch.repository.kustomize.layer import FILE_NAMES
from apparch.repository.kustomize.objects import name, namespace
from apparch.repository.part import RepositoryPart
from apparch.repository.roles import role
from apparch.repository.yaml_file import parse_yaml

_CHANGING = ("patches", "patchesStrategicMerge", "patchesJson6902", "components")
"""What an object that applies a directory may change it by."""
_HOSTED = re.compile(r"\S{0,20}(?:github|gitlab)\.com[/:]([\w.-]+)/")
"""An address of a repository, with its owner."""


class DeployRepo(RepositoryPart):
    """The files below `directory` are what is deployed; workflows lie at the repository's root."""

    @cached_property
    def manifests(self) -> dict[str, list[Node]]:
        """The Kubernetes objects as written, by file: not those of charts' templates, tests, vendored copies."""
        found: dict[str, list[Node]] = {}
        for path in self.files:
            if not path.endswith((".yaml", ".yml")) or self.root.in_chart(path) or not _is_used(path):
                continue
            documents = self.root.parsed(path, parse_yaml)
            if isinstance(documents, Problem):
                continue
            objects = [node for node in documents if node.at("apiVersion").text and node.at("kind").text]
            if objects:
                found[path] = objects
        return found

    def of_kind(self, *kinds: str) -> list[Node]:
        """The objects of these kinds, as written, in the order of their files."""
        return [node for objects in self.manifests.values() for node in objects if node.at("kind").text in kinds]

    @cached_property
    def kustomizations(self) -> dict[str, Node]:
        """Each kustomization by its file's path."""
        found: dict[str, Node] = {}
        for path in self.files:
            if path.rpartition("/")[2] in FILE_NAMES and _is_used(path):
                documents = self.root.parsed(path, parse_yaml)
                if not isinstance(documents, Problem) and len(documents) == 1:
                    found[path] = documents[0]
        return found

    @cached_property
    def overlays(self) -> dict[str, kustomize.Rendering]:
        """The environments as they render, by the directory: `overlays/X`, `environments/X`, `apps/NAME/production`."""
        return {each.directory: each.rendering for each in self.environments if each.overlay}

    @cached_property
    def environments(self) -> tuple[Environment, ...]:
        """The overlays, and every other kustomization that no other one lists; no component."""
        known = {posixpath.dirname(path): node for path, node in self.kustomizations.items() if _builds(node)}
        listed = {each: path for path, node in self.kustomizations.items() for each in listed_by(path, node)}
        count = Counter(each for path, node in self.kustomizations.items() for each in listed_by(path, node))
        found: list[Environment] = []
        for directory, node in known.items():
            inner = directory.removeprefix(self.repository.prefix)
            named = stage(inner)
            overlay = is_overlay(inner, None if directory in listed else named)
            lister = posixpath.dirname(listed[directory]) if directory in listed else None
            if lister is not None and (not overlay or directory.startswith(f"{lister}/")):
                continue
            taken = any(count[each] > 1 for each in listed_by(node.place.path, node))
            if is_shared(inner) and (lister is not None or taken or not is_base(inner)):
                continue
            found.append(
                Environment(directory, named, kustomize.render(self.root, directory, lenient=True), node, overlay)
            )
        return tuple(found)

    @cached_property
    def objects(self) -> tuple[Seen, ...]:
        """Every object as it reaches a cluster, once for each environment, and those that no kustomization mentions."""
        taken = {
            each
            for path, node in self.kustomizations.items()
            for each in (*listed_by(path, node), *used_by(path, node))
        }
        patches = {each for path, node in self.kustomizations.items() for each in used_by(path, node)}
        manifests = {
            path: nodes
            for path, nodes in self.manifests.items()
            if path not in patches and path not in self.kustomizations
        }
        found = tuple(seen(self.environments, manifests, taken))
        if changed := self._changed_elsewhere():
            found = tuple(
                replace(each, complete=each.complete and not changed.intersection(_above(each))) for each in found
            )
        watched = self._watched()
        found = (*found, *(each for _, objects in self._charted for each in objects))
        others = strange_owners(found)
        if watched:
            names = " ".join(f"{namespace(each.node)} {name(each.node)}" for each in found).lower()
            others |= {each for each in publishers(found) if each not in names}
        others = (others | beside_own(found, watched)) - watched
        return tuple(replace(each, others=others) for each in found) if others else found

    def _changed_elsewhere(self) -> frozenset[str]:
        """The directories that Flux or Argo CD applies with patches or components of their own."""
        found: set[str] = set()
        for node in self.of_kind("Kustomization", "Application"):
            spec = node.at("spec")
            sources = [spec, spec.at("source"), *spec.at("sources").elements()]
            for source in sources:
                path, own = source.at("path").text, source.at("kustomize") if source is not spec else source
                if path and any(_meets_pods(entry) for each in _CHANGING for entry in own.at(each).elements()):
                    found.add(posixpath.normpath(path).lstrip("/"))
        return frozenset(found)

    def _watched(self) -> frozenset[str]:
        """Whose repositories Argo CD and Flux watch for this one, in lower case."""
        specs = (node.at("spec") for node in self.of_kind("Application", "ApplicationSet", "GitRepository"))
        urls = (each.text or "" for spec in specs for each in spec.walk())
        return frozenset(match[1].lower() for url in urls if (match := _HOSTED.match(url)))

    @cached_property
    def rendered(self) -> dict[str, list[Seen]]:
        """The objects of each environment, by its directory."""
        found: dict[str, list[Seen]] = {each.key: [] for each in self.environments}
        for each in self.objects:
            if each.environment is not None:
                found.setdefault(each.environment.key, []).append(each)
        return found

    @cached_property
    def releases(self) -> tuple[Environment, ...]:
        """The installs of the repository's own charts; one that makes no object is among them as well."""
        return tuple(each for each, _ in self._charted)

    @cached_property
    def _charted(self) -> tuple[tuple[Environment, tuple[Seen, ...]], ...]:
        if not self.charts:
            return ()
        # What renders charts takes its time to load, and most repositories have none.
        from apparch.deploy.charts import released
        from apparch.deploy.installs import chart_directories, installs

        own = [node for objects in self.manifests.values() for node in objects]
        rendered = [node for each in self.environments for node in each.rendering.objects]
        charts = chart_directories(self.root, (f"{each}/Chart.yaml".lstrip("/") for each in self.charts))
        found = tuple(released(self.root, each) for each in installs(self.root, charts, [*rendered, *own]))
        said = [node for each, _ in found for node in each.rendering.of_kind("Application", "HelmRelease")]
        if said:  # a chart of Applications, which say how others are installed
            found = tuple(released(self.root, each) for each in installs(self.root, charts, [*rendered, *own, *said]))
        return found

    @cached_property
    def layers(self) -> frozenset[str]:
        """The directories that environments build on: a base, a shared part; none is an environment itself."""
        known = {posixpath.dirname(path) for path in self.kustomizations}
        found = {entry for each in self.environments for entry in listed_by(each.file, each.kustomization)}
        return frozenset(each for each in found & known - set(self.rendered) if is_shared(each) or stage(each) is None)

    @cached_property
    def charts(self) -> tuple[str, ...]:
        """The directories of Helm charts."""
        return tuple(posixpath.dirname(path) for path in self.files if path.endswith("Chart.yaml") and _is_used(path))

    def absent(self, path: str) -> Place:
        """Where something would be that is not there, relative to its own directory."""
        return Place(f"{self.repository.prefix}{path}")

    @property
    def home(self) -> Place:
        """A place that exists, for what is nowhere."""
        return self.repository.somewhere("README.md", "k8s/base/kustomization.yaml", "kustomization.yaml")


def _is_used(path: str) -> bool:
    return role(path) not in ("test", "docs", "example", "template", "vendored", "ci")


def _builds(kustomization: Node) -> bool:
    """Whether it is what `kustomize build` takes: no component, and not Flux's object of the same name."""
    version = kustomization.at("apiVersion").text or ""
    return kustomization.at("kind").text in (None, "Kustomization") and "toolkit.fluxcd.io" not in version


def _meets_pods(change: Node) -> bool:
    """Whether a patch or component may change what makes pods; one that names another kind does not."""
    return change.at("target", "kind").text in (None, *MAKERS)


def _above(each: Seen) -> list[str]:
    """The directories that an object is applied with."""
    path = each.environment.directory if each.environment else posixpath.dirname(each.node.place.path)
    steps = path.split("/")
    return [path] if each.environment else ["/".join(steps[:at]) for at in range(len(steps), 0, -1)]
