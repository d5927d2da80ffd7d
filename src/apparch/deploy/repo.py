"""A Deploy repo, or the part of a repository that is one, as the judges of Deploy rules read it."""

from __future__ import annotations

from functools import cached_property

from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.kustomize import Rendering, render
from apparch.repository.kustomize.layer import FILE_NAMES
from apparch.repository.roles import role
from apparch.repository.yaml_file import parse_yaml


class DeployRepo:
    """The files below `directory` are what is deployed; workflows lie at the repository's root."""

    def __init__(self, root: Repository, directory: str = "", without: tuple[str, ...] = ()) -> None:
        self.root = root
        """The whole repository."""
        self.directory = directory
        self.without = without
        """Directories that belong to another part: an App repo's."""
        self.repository = root.below(directory)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Its files, relative to the repository's root, without those of other parts."""
        prefix = self.repository.prefix
        return tuple(
            f"{prefix}{path}"
            for path in self.repository.files
            if not any(f"{prefix}{path}".startswith(f"{each}/") for each in self.without)
        )

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
    def overlays(self) -> dict[str, Rendering]:
        """The environments as they render, by the directory: every kustomization below a folder `overlays`."""
        directories = [path.rpartition("/")[0] for path in self.kustomizations]
        return {each: render(self.root, each) for each in directories if "overlays" in each.split("/")[:-1]}

    def place(self, path: str, line: int = 1, column: int = 1) -> Place:
        """A place in one of its files, relative to its own directory."""
        return Place(f"{self.repository.prefix}{path}", line, column)

    @property
    def home(self) -> Place:
        """A place that exists, for what is nowhere."""
        return self.repository.somewhere("README.md", "k8s/base/kustomization.yaml", "kustomization.yaml")


def _is_used(path: str) -> bool:
    return role(path) not in ("test", "docs", "example", "template", "vendored", "ci")
