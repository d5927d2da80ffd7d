"""What one directory's kustomization says, and the errors that end a rendering."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.view import Repository
from apparch.repository.yaml_file import parse_yaml

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
ENTRIES = 500
"""How long each list of a kustomization may be."""
UNDERSTOOD = frozenset(
    [
        "apiVersion",
        "kind",
        "metadata",
        "namespace",
        "resources",
        "components",
        "patches",
        "images",
        "labels",
        "replicas",
        "commonAnnotations",
        "configMapGenerator",
        "secretGenerator",
        "generatorOptions",
    ]
)


class CannotRenderError(Exception):
    """The layer cannot be rendered as kustomize would; the problem says where and why."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(place, message)


@dataclass(frozen=True)
class Layer:
    """A directory with a kustomization."""

    directory: str
    kustomization: Node
    repository: Repository

    def entries(self, field: str) -> list[Node]:
        """The entries of one of the kustomization's lists; CannotRenderError for one that is no list, or too long."""
        node = self.kustomization.at(field)
        if node.value is not None and not isinstance(node.value, list):
            raise CannotRenderError(node.place, f"{field} must be a list")
        if len(node.elements()) > ENTRIES:
            raise CannotRenderError(node.place, f"{field} has more than {ENTRIES} entries")
        return node.elements()

    def path(self, name: Node) -> str:
        """A file or directory that the layer names, relative to the repository."""
        text = name.text
        if not text:
            raise CannotRenderError(name.place, "a path was expected")
        if "://" in text or text.startswith(("git@", "github.com/")) or "?ref=" in text:
            raise CannotRenderError(
                name.place, f"not understood: the remote resource {text}; only files of the repository are read"
            )
        path = posixpath.normpath(posixpath.join(self.directory, text))
        if path.startswith(("../", "/")) or path == "..":
            raise CannotRenderError(name.place, f"{text} lies outside the repository")
        return path

    def documents(self, path: str, place: Place) -> tuple[Node, ...]:
        """The YAML documents of a file that is named at a place."""
        found = self.repository.parsed(path, parse_yaml)
        if isinstance(found, Problem):
            missing = not self.repository.has(path)
            raise CannotRenderError(
                place if missing else found.place, f"{path}: {found.message}" if missing else found.message
            )
        return found


def refuse_unknown(node: Node, known: frozenset[str], what: str) -> None:
    """Raise CannotRenderError for a key of a mapping that is not understood."""
    for key, _ in node.items():
        if key not in known:
            raise CannotRenderError(node.key(key), f"not understood: {what} {key}")


def kustomization_file(repository: Repository, directory: str) -> str | None:
    """The path of a directory's kustomization."""
    candidates = (posixpath.normpath(posixpath.join(directory, name)) for name in FILE_NAMES)
    return next((path for path in candidates if repository.has(path)), None)


def read_layer(repository: Repository, directory: str, place: Place, expected: tuple[str, ...]) -> Layer:
    """The layer of a directory; `place` names it, `expected` are the kinds that may stand there."""
    file = kustomization_file(repository, directory)
    if file is None:
        raise CannotRenderError(place, f"{directory} has no kustomization.yaml")
    found = repository.parsed(file, parse_yaml)
    if isinstance(found, Problem):
        raise CannotRenderError(found.place, found.message)
    if len(found) != 1 or not isinstance(found[0].value, dict):
        raise CannotRenderError(Place(file), "a kustomization is one mapping")
    node = found[0]
    for key, entry in node.items():
        if key not in UNDERSTOOD and entry.value not in (None, [], {}):
            raise CannotRenderError(node.key(key), f"not understood: the field {key} of a kustomization")
    if (node.at("kind").text or "Kustomization") not in expected:
        raise CannotRenderError(node.key("kind"), f"{directory} is a {node.at('kind')}, not a {expected[0]}")
    return Layer(directory, node, repository)
