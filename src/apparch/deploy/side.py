"""What a Deploy repo states of the contract: each environment as it renders, and the monitoring beside it."""

from __future__ import annotations

import posixpath
from functools import cached_property

from apparch.deploy.overlay import Overlay
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.json_file import parse_json
from apparch.repository.kustomize import Rendering, plain, render
from apparch.repository.kustomize.layer import FILE_NAMES
from apparch.repository.kustomize.objects import kind
from apparch.repository.nearest import closest
from apparch.repository.patterns import fits
from apparch.repository.yaml_file import parse_yaml

OVERLAYS = "k8s/overlays/"
MONITORING = ("ServiceMonitor", "PodMonitor", "PrometheusRule")


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
    def home(self) -> Place:
        """A place that stands for the whole side: the first environment, or where environments should be."""
        if self.overlays:
            return self.overlays[0].file
        return self.repository.somewhere("k8s/base/kustomization.yaml", "README.md")

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
