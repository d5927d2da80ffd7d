"""The Deploy repository's side: each overlay as it renders, and the monitoring beside it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property

from apparch.contract.model import Side
from apparch.contract.nearest import closest
from apparch.deploy.pods import SERVING, WORKLOADS, command, containers, pod, selects
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.json_file import parse_json
from apparch.repository.kustomize import Rendering, plain, render
from apparch.repository.kustomize.image_name import split_image
from apparch.repository.kustomize.layer import FILE_NAMES
from apparch.repository.kustomize.objects import kind, name, namespace
from apparch.repository.patterns import fits
from apparch.repository.yaml_file import parse_yaml

OVERLAYS = "k8s/overlays/"
MONITORING = ("ServiceMonitor", "PodMonitor", "PrometheusRule")


@dataclass(frozen=True)
class Running:
    """A container that runs the app's image, and the workload whose pods have it."""

    workload: Node
    container: Node
    first: bool = False
    """Whether it is an init container: it runs before the app, and may run anything of the image."""


@dataclass(frozen=True)
class Overlay:
    """One environment."""

    name: str
    file: Place
    """Its kustomization."""
    rendering: Rendering
    app_name: str
    """The last part of the app's image name; empty if the App does not state it."""
    images: tuple[Node, ...] = ()
    """The entries of `images` in its own kustomization."""

    @cached_property
    def running(self) -> list[Running]:
        """Every container with the app's image, wherever it stands."""
        found = [
            Running(node, each, first)
            for node in self.rendering.of_kind(*WORKLOADS)
            for first, listed in ((True, pod(node).at("initContainers").elements()), (False, containers(node)))
            for each in listed
            if self._runs_app(each)
        ]
        main = self.workload
        if main is not None and not any(each.workload is main for each in found) and self.container is not None:
            found.append(Running(main, self.container))
        return found

    @cached_property
    def workload(self) -> Node | None:
        """The workload that serves the app: the one with its image that a Service leads to, or that has its name."""
        candidates = self.rendering.of_kind(*SERVING)
        running = [node for node in candidates if any(self._runs_app(each) for each in containers(node))]
        serving = [node for node in running if any(each.at("ports").elements() for each in containers(node))]
        named = [node for node in candidates if name(node) == self.app_name] or [
            node for node in candidates if any(each.at("name").text == self.app_name for each in containers(node))
        ]
        for found in ([each for each in running if each in named], serving, running, named):
            if self.app_name and found:
                return found[0]
        return candidates[0] if len(candidates) == 1 else None

    @cached_property
    def container(self) -> Node | None:
        """The app's container in it."""
        if self.workload is None:
            return None
        found = containers(self.workload)
        named = [each for each in found if each.at("name").text == self.app_name]
        return next((each for each in (*(each for each in found if self._runs_app(each)), *named, *found)), None)

    def _runs_app(self, container: Node) -> bool:
        return bool(self.app_name) and short_name(container.at("image")) == self.app_name

    @cached_property
    def jobs(self) -> list[tuple[Node, Node]]:
        """The Jobs that run the app's image or migrate something, with the container that does."""
        found: list[tuple[Node, Node]] = []
        for node in self.rendering.of_kind("Job", "CronJob"):
            for container in containers(node):
                words = " ".join([name(node), *command(container)])
                if self._runs_app(container) or "migrat" in words or "alembic" in words:
                    found.append((node, container))
        return found

    @property
    def pod_labels(self) -> Node:
        """The labels of the app's pods."""
        workload = self.workload or Node(None, self.file)
        return workload.at("spec", "template", "metadata", "labels")

    @cached_property
    def service(self) -> Node | None:
        """The Service that leads to the app's pods: of those that select them the one with a port named http."""
        services = self.rendering.of_kind("Service")
        selecting = [node for node in services if selects(node.at("spec", "selector"), self.pod_labels)]
        named = [node for node in services if self.workload and name(node) == name(self.workload)]
        found = selecting or named or (services if len(services) == 1 else [])
        for wanted in ("name", "targetPort"):
            for node in found:
                if any(each.at(wanted).text == "http" for each in node.at("spec", "ports").elements()):
                    return node
        return found[0] if found else None

    def named(self, wanted_kind: str, wanted: str) -> Node | None:
        """An object of the rendering, or None."""
        return next((node for node in self.rendering.of_kind(wanted_kind) if name(node) == wanted), None)


class DeploySide:
    """Read on demand; what cannot be read is in `problems`."""

    def __init__(self, repository: Repository, app_name: str, overlays: str = OVERLAYS) -> None:
        self.repository = repository
        self.app_name = app_name
        self.pattern = overlays
        """Which directories are environments: a pattern as in .gitignore."""
        self.overlays: list[Overlay] = [self._overlay(path) for path in self._kustomizations()] + self._plain()
        """Every directory that the pattern means and that has a kustomization, in order of its name."""
        self._shared = self._render_shared()
        self.problems: list[Problem] = self._unread()
        self.lost: dict[str, Problem] = self._lost()
        """Environments that would vanish without a word, by the directory that lost them."""

    def _kustomizations(self) -> list[str]:
        found = [
            path
            for path in self.repository.files
            if posixpath.basename(path) in FILE_NAMES and self._is_environment(posixpath.dirname(path))
        ]
        return [path for path in found if not _is_component(self.repository, path)]

    def _is_environment(self, directory: str) -> bool:
        if self.pattern.endswith("/"):
            return directory.startswith(self.pattern)
        return fits(self.pattern, directory)

    def _overlay(self, path: str) -> Overlay:
        directory = posixpath.dirname(path)
        documents = self.repository.parsed(path, parse_yaml)
        images = documents[0].at("images").elements() if not isinstance(documents, Problem) and documents else []
        title = directory.removeprefix(self.pattern) if self.pattern.endswith("/") else directory
        return Overlay(title, Place(path), render(self.repository, directory), self.app_name, tuple(images))

    def _plain(self) -> list[Overlay]:
        """Directories of plain manifests, where the pattern names directories one by one."""
        if self.pattern.endswith("/"):
            return []
        rendered = {posixpath.dirname(each) for each in self._kustomizations()}
        found: dict[str, list[str]] = {}
        for path in self.repository.files:
            directory = posixpath.dirname(path)
            if path.endswith((".yaml", ".yml")) and directory not in rendered and self._is_environment(directory):
                found.setdefault(directory, []).append(path)
        return [
            Overlay(directory, Place(paths[0]), plain(self.repository, directory, paths), self.app_name)
            for directory, paths in found.items()
        ]

    def _unread(self) -> list[Problem]:
        """The files in the places that the comparison reads and that cannot be read."""
        roots = {self.pattern.partition("/")[0], "_shared"} - {"", "*", "**"}
        paths = [
            path
            for path in self.repository.files
            if path.partition("/")[0] in roots and not self.repository.in_chart(path)
        ]
        found = [
            *(self.repository.parsed(path, parse_yaml) for path in paths if path.endswith((".yaml", ".yml"))),
            *(self.repository.parsed(path, parse_json) for path in paths if path.endswith(".json")),
        ]
        used = {each.file.path for each in self.overlays}
        return [
            *(each for each in found if isinstance(each, Problem)),
            *(each.problem for each in self._shared if each.problem and each.problem.place.path not in used),
        ]

    def _lost(self) -> dict[str, Problem]:
        """A directory without its kustomization, a link that is not followed, a bound that is reached."""
        found = {
            each.place.path: Problem(
                each.place, f"{each.place.path} is {each.message}, so what it holds is not compared"
            )
            for each in self.repository.skipped
            if self._hides(each)
        }
        if not self.pattern.endswith("/"):
            return found
        known = {each.file.path.removeprefix(self.pattern).partition("/")[0] for each in self.overlays}
        below = [path for path in self.repository.files if path.startswith(self.pattern)]
        for title in dict.fromkeys(path.removeprefix(self.pattern).partition("/")[0] for path in below):
            inside = [path for path in below if path.startswith(f"{self.pattern}{title}/")]
            if title in known or not any(path.endswith((".yaml", ".yml")) for path in inside):
                continue
            if any(posixpath.basename(path) in FILE_NAMES for path in inside):
                continue  # a component
            near = closest(FILE_NAMES[0], (posixpath.basename(path) for path in inside), 0.8)
            hint = f"; {near} is not read: its name is kustomization.yaml" if near else ""
            message = f"{self.pattern}{title} has no kustomization.yaml, so this environment is not compared{hint}"
            place = next((path for path in inside if near and posixpath.basename(path) == near), inside[0])
            found[f"{self.pattern}{title}"] = Problem(Place(place), message)
        return found

    def _hides(self, skipped: Problem) -> bool:
        """Whether what was left out could be an environment, or hold one."""
        path = f"{skipped.place.path}/"
        if any(path.startswith(f"{posixpath.dirname(each.file.path)}/") for each in self.overlays):
            return False  # its rendering says so
        return "more than" in skipped.message or path.startswith(self.pattern) or self.pattern.startswith(path)

    @property
    def anywhere(self) -> Side:
        """A place that stands for the whole side: the first overlay, or where overlays should be."""
        if self.overlays:
            return Side("deploy", self.overlays[0].file, self.overlays[0].name)
        return Side("deploy", self.repository.somewhere("k8s/base/kustomization.yaml", "README.md"), "no overlay")

    @cached_property
    def monitoring(self) -> list[Node]:
        """Every ServiceMonitor and PrometheusRule: rendered where a kustomization lists it, else from its file."""
        rendered = [node for overlay in self.overlays for node in overlay.rendering.of_kind(*MONITORING)]
        for rendering in self._shared:
            rendered += rendering.of_kind(*MONITORING)
        seen = {node.place.path for node in rendered}
        for path in self.repository.matching("*.yaml", "*.yml"):
            if path in seen or path.startswith(".") or self.repository.in_chart(path):
                continue
            documents = self.repository.parsed(path, parse_yaml)
            if not isinstance(documents, Problem):
                rendered += [node for node in documents if kind(node) in MONITORING]
        return rendered

    def _render_shared(self) -> list[Rendering]:
        directories = {
            posixpath.dirname(path)
            for path in self.repository.matching("_shared/")
            if posixpath.basename(path) in FILE_NAMES
        }
        return [render(self.repository, directory) for directory in sorted(directories)]


def _is_component(repository: Repository, path: str) -> bool:
    found = repository.parsed(path, parse_yaml)
    return not isinstance(found, Problem) and any(kind(node) == "Component" for node in found)


def short_name(image: Node) -> str:
    """The last part of an image's name."""
    return split_image(image.text or "")[0].rpartition("/")[2]


def quantity(text: str) -> float | None:
    """A Kubernetes quantity in its base unit, or None."""
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|[kMGTPE]i?|Ki)?", text)
    if match is None:
        return None
    units = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
    units |= {f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTPE", start=1)}
    return float(match[1]) * units.get(match[2] or "", 1.0)


__all__ = [
    "SERVING",
    "WORKLOADS",
    "DeploySide",
    "Overlay",
    "Running",
    "command",
    "containers",
    "kind",
    "name",
    "namespace",
    "pod",
    "quantity",
    "selects",
    "short_name",
]
