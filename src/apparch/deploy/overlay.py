"""One environment of a Deploy repo: what runs the app in it, and what leads there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from apparch.deploy.pods import SERVING, WORKLOADS, command, containers, pod, selects
from apparch.repository import Node, Place
from apparch.repository.kustomize import Rendering
from apparch.repository.kustomize.image_name import split_image
from apparch.repository.kustomize.objects import name


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


def short_name(image: Node) -> str:
    """The last part of an image's name."""
    return split_image(image.text or "")[0].rpartition("/")[2]
