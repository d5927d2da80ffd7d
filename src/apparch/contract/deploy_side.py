"""The Deploy repository's side: each overlay as it renders, and the monitoring beside it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property

from apparch.contract.model import Side
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.dotenv import parse_dotenv
from apparch.repository.json_file import parse_json
from apparch.repository.kustomize import Rendering, render
from apparch.repository.kustomize.image_name import split_image
from apparch.repository.kustomize.layer import FILE_NAMES
from apparch.repository.kustomize.objects import kind, name, namespace
from apparch.repository.yaml_file import parse_yaml

OVERLAYS = "k8s/overlays/"
MONITORING = ("ServiceMonitor", "PodMonitor", "PrometheusRule")


@dataclass(frozen=True)
class Overlay:
    """One environment."""

    name: str
    file: Place
    """Its kustomization."""
    rendering: Rendering
    app_name: str
    """The last part of the app's image name; empty if the App does not state it."""

    @cached_property
    def workload(self) -> Node | None:
        """The Deployment that runs the app."""
        candidates = self.rendering.of_kind("Deployment", "StatefulSet")
        running = [node for node in candidates if any(self._runs_app(each) for each in containers(node))]
        named = [node for node in candidates if name(node) == self.app_name]
        found = running or named or (candidates if len(candidates) == 1 else [])
        return found[0] if found else None

    @cached_property
    def container(self) -> Node | None:
        """The app's container in it."""
        if self.workload is None:
            return None
        found = containers(self.workload)
        return next((each for each in found if self._runs_app(each)), found[0] if found else None)

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
        """The Service that leads to the app's pods: by selector, by name, or the only one."""
        services = self.rendering.of_kind("Service")
        selecting = [node for node in services if selects(node.at("spec", "selector"), self.pod_labels)]
        named = [node for node in services if self.workload and name(node) == name(self.workload)]
        found = selecting or named or (services if len(services) == 1 else [])
        return found[0] if found else None

    def named(self, wanted_kind: str, wanted: str) -> Node | None:
        """An object of the rendering, or None."""
        return next((node for node in self.rendering.of_kind(wanted_kind) if name(node) == wanted), None)


class DeploySide:
    """Read on demand; what cannot be read is in `problems`."""

    def __init__(self, repository: Repository, app_name: str) -> None:
        self.repository = repository
        self.app_name = app_name
        found = [
            *(
                repository.parsed(path, parse_yaml)
                for path in repository.matching("*.yaml", "*.yml")
                if not _chart(path)
            ),
            *(repository.parsed(path, parse_json) for path in repository.matching("*.json")),
            *(repository.parsed(path, parse_dotenv) for path in repository.matching("_shared/secrets/templates/*.env")),
        ]
        self.problems = [each for each in found if isinstance(each, Problem)]

    @cached_property
    def overlays(self) -> list[Overlay]:
        """Every directory below k8s/overlays that has a kustomization, in order of its name."""
        found: list[Overlay] = []
        for path in self.repository.files:
            directory, file = posixpath.split(path)
            if directory.startswith(OVERLAYS) and file in FILE_NAMES:
                title = directory.removeprefix(OVERLAYS)
                found.append(Overlay(title, Place(path), render(self.repository, directory), self.app_name))
        return [each for each in found if not _is_component(self.repository, each.file.path)]

    @property
    def anywhere(self) -> Side:
        """A place that stands for the whole side: the first overlay, or where overlays should be."""
        if self.overlays:
            return Side("deploy", self.overlays[0].file, self.overlays[0].name)
        return Side("deploy", Place("k8s/overlays"), "no overlay")

    @cached_property
    def monitoring(self) -> list[Node]:
        """Every ServiceMonitor and PrometheusRule: rendered where a kustomization lists it, else from its file."""
        rendered = [node for overlay in self.overlays for node in overlay.rendering.of_kind(*MONITORING)]
        for rendering in self._shared:
            rendered += rendering.of_kind(*MONITORING)
        seen = {node.place.path for node in rendered}
        for path in self.repository.matching("*.yaml", "*.yml"):
            if path in seen or _chart(path) or path.startswith(".github/"):
                continue
            documents = self.repository.parsed(path, parse_yaml)
            if not isinstance(documents, Problem):
                rendered += [node for node in documents if kind(node) in MONITORING]
        return rendered

    @cached_property
    def _shared(self) -> list[Rendering]:
        directories = {
            posixpath.dirname(path)
            for path in self.repository.matching("_shared/*")
            if posixpath.basename(path) in FILE_NAMES
        }
        found = [render(self.repository, directory) for directory in sorted(directories)]
        used = {each.file.path for each in self.overlays}
        self.problems += [each.problem for each in found if each.problem and each.problem.place.path not in used]
        return found


def _chart(path: str) -> bool:
    """Whether the file is a chart's template: text with braces, and no YAML before Helm has read it."""
    return "/templates/" in path and path.startswith("helm/")


def _is_component(repository: Repository, path: str) -> bool:
    found = repository.parsed(path, parse_yaml)
    return not isinstance(found, Problem) and any(kind(node) == "Component" for node in found)


def containers(workload: Node) -> list[Node]:
    """The containers of the pods that a workload makes, without init containers."""
    return pod(workload).at("containers").elements()


def pod(workload: Node) -> Node:
    """The spec of those pods."""
    if kind(workload) == "CronJob":
        return workload.at("spec", "jobTemplate", "spec", "template", "spec")
    return workload.at("spec", "template", "spec")


def command(container: Node) -> list[str]:
    """The words of a container's command and arguments."""
    return [str(each) for key in ("command", "args") for each in container.at(key).elements()]


def short_name(image: Node) -> str:
    """The last part of an image's name."""
    return split_image(image.text or "")[0].rpartition("/")[2]


def selects(selector: Node, labels: Node) -> bool:
    """Whether a selector that is not empty selects an object with these labels.

    It is a mapping of labels, as a Service has, or a mapping with `matchLabels`, `matchExpressions` or both.
    """
    equal, expressions = selector.at("matchLabels"), selector.at("matchExpressions").elements()
    wanted = dict((equal if equal.present or expressions else selector).items())
    return bool(wanted or expressions) and all(
        [
            *(labels.at(key).value == node.value and labels.at(key).present for key, node in wanted.items()),
            *(_holds(each, labels) for each in expressions),
        ]
    )


def _holds(expression: Node, labels: Node) -> bool:
    """Whether labels fulfil one entry of `matchExpressions`; one without a known operator is fulfilled by none."""
    label = labels.at(expression.at("key").text or "")
    listed = label.text in [each.text for each in expression.at("values").elements()]
    return {
        "In": label.present and listed,
        "NotIn": not listed,
        "Exists": label.present,
        "DoesNotExist": not label.present,
    }.get(expression.at("operator").text or "", False)


def quantity(text: str) -> float | None:
    """A Kubernetes quantity in its base unit, or None."""
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|[kMGTPE]i?|Ki)?", text)
    if match is None:
        return None
    units = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
    units |= {f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTPE", start=1)}
    return float(match[1]) * units.get(match[2] or "", 1.0)


__all__ = [
    "DeploySide",
    "Overlay",
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
