"""What one directory's kustomization says: its fields, checked as kustomize decodes them, and the files it names."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.nodes import Node
from apparch.repository.places import Place, Problem
from apparch.repository.view import Repository
from apparch.repository.yaml_file import parse_yaml, parse_yaml_1_1

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
ENTRIES = 500
"""How long each list of a kustomization may be."""
LISTS = frozenset(
    [
        "resources",
        "bases",
        "components",
        "patches",
        "patchesStrategicMerge",
        "patchesJson6902",
        "images",
        "labels",
        "replicas",
        "replacements",
        "configMapGenerator",
        "secretGenerator",
        "vars",
        "transformers",
        "generators",
        "configurations",
        "crds",
    ]
)
MAPPINGS = frozenset({"metadata", "commonLabels", "commonAnnotations", "generatorOptions", "sortOptions", "openapi"})
TEXTS = frozenset({"apiVersion", "kind", "namespace", "namePrefix", "nameSuffix"})
ELSEWHERE = frozenset({"helmCharts", "helmGlobals", "helmChartInflationGenerator", "validators", "buildMetadata"})
"""What kustomize understands, and this reader does not."""
GROUP = "kustomize.config.k8s.io"


@dataclass(frozen=True)
class Layer:
    """A directory with a kustomization."""

    directory: str
    file: str
    kustomization: Node
    repository: Repository
    lenient: bool = False
    """Whether what cannot be had is left out, in place of ending the rendering."""

    def entries(self, field: str) -> list[Node]:
        """The entries of one of the kustomization's lists; CannotRenderError for one that is no list, or too long."""
        return listed(self.kustomization.at(field), field)

    def path(self, name: Node, *, inside: bool = False) -> str:
        """A file or directory that the layer names, relative to the repository.

        With `inside`, it has to lie below the layer's own directory, as kustomize demands of every file.
        """
        text = name.text
        if not text:
            raise CannotRenderError(name.place, "a path was expected")
        if is_remote(text):
            raise CannotRenderError(
                name.place, f"not understood: the remote resource {text}; only files of the repository are read"
            )
        path = posixpath.normpath(posixpath.join(self.directory, text))
        if path.startswith(("../", "/")) or path == "..":
            raise CannotRenderError(name.place, f"{text} lies outside the repository")
        if inside and not (self.directory == "." or path.startswith(f"{self.directory}/")):
            raise CannotRenderError(
                name.place, f"{text} lies above {self.directory}, and kustomize reads files below it only"
            )
        return path

    def documents(self, name: Node) -> tuple[Node, ...]:
        """The YAML documents of a file that the layer names."""
        path = self.path(name, inside=True)
        found = self.repository.parsed(path, parse_yaml)
        if isinstance(found, Problem):
            missing = not self.repository.has(path)
            raise CannotRenderError(
                name.place if missing else found.place, f"{path}: {found.message}" if missing else found.message
            )
        return found


def kustomization_files(repository: Repository, directory: str) -> list[str]:
    """The kustomizations of a directory; kustomize wants exactly one."""
    candidates = (posixpath.normpath(posixpath.join(directory, name)) for name in FILE_NAMES)
    return [path for path in candidates if repository.has(path)]


def is_remote(text: str) -> bool:
    """Whether a kustomization names something that is not in the repository."""
    return "://" in text or text.startswith(("git@", "github.com/")) or "?ref=" in text


def read_layer(repository: Repository, directory: str, place: Place, expected: str, *, lenient: bool = False) -> Layer:
    """The layer of a directory; `place` names it, `expected` is the kind that may stand there."""
    files = kustomization_files(repository, directory)
    if not files:
        raise CannotRenderError(place, f"{directory} has no kustomization.yaml")
    if len(files) > 1:
        raise CannotRenderError(Place(files[1]), f"{directory} has several kustomizations: {', '.join(files)}")
    found = repository.parsed(files[0], parse_yaml_1_1)
    if isinstance(found, Problem):
        raise CannotRenderError(found.place, found.message)
    if len(found) != 1 or not isinstance(found[0].value, dict):
        raise CannotRenderError(Place(files[0]), "a kustomization is one mapping")
    node = found[0]
    for key, entry in node.items():
        if not (lenient and key in ELSEWHERE):
            _check(node.key(key), key, entry)
    _check_kind(node, directory, expected)
    return Layer(directory, files[0], node, repository, lenient)


def _check(place: Place, key: str, entry: Node) -> None:
    if key in ELSEWHERE:
        if entry.value not in (None, [], {}):
            raise CannotRenderError(place, f"not understood: the field {key} of a kustomization")
    elif key in LISTS:
        if entry.value is not None and not isinstance(entry.value, list):
            raise CannotRenderError(entry.place, f"{key} must be a list")
    elif key in MAPPINGS:
        if entry.value is not None and not isinstance(entry.value, dict):
            raise CannotRenderError(entry.place, f"{key} must be a mapping")
    elif key in TEXTS:
        if entry.value is not None and entry.text is None:
            raise CannotRenderError(entry.place, f"{key} is {entry}, and must be a text: put it in quotes")
    else:
        raise CannotRenderError(place, f"a kustomization has no field {key}")


def _check_kind(node: Node, directory: str, expected: str) -> None:
    kind, version = node.at("kind").text or "Kustomization", node.at("apiVersion").text
    if kind != expected:
        raise CannotRenderError(node.key("kind"), f"{directory} is a {kind}, not a {expected}")
    wanted = f"{GROUP}/v1alpha1" if kind == "Component" else f"{GROUP}/v1beta1"
    if version and version != wanted:
        raise CannotRenderError(node.key("apiVersion"), f"apiVersion is {version}, and a {kind} has {wanted}")


def listed(node: Node, what: str) -> list[Node]:
    """The elements of a list; CannotRenderError for what is none, or too long."""
    if node.value is not None and not isinstance(node.value, list):
        raise CannotRenderError(node.place, f"{what} must be a list")
    if len(node.elements()) > ENTRIES:
        raise CannotRenderError(node.place, f"{what} has more than {ENTRIES} entries")
    return node.elements()


def texts(node: Node, what: str) -> list[tuple[str, Node]]:
    """The entries of a mapping from texts to texts, in order of the keys; a number or a bool needs quotes."""
    if node.value is not None and not isinstance(node.value, dict):
        raise CannotRenderError(node.place, f"{what} must be a mapping")
    for key, value in node.items():
        if value.text is None and value.value is not None:
            raise CannotRenderError(value.place, f"{what} says {key}: {value}, which is no text: put it in quotes")
    return [(key, value if value.text is not None else Node("", value.place)) for key, value in sorted(node.items())]


def refuse_unknown(node: Node, known: frozenset[str], what: str) -> None:
    """Raise CannotRenderError for what is no mapping, or has a key that kustomize does not know there."""
    if node.value is not None and not isinstance(node.value, dict):
        raise CannotRenderError(node.place, f"{what} stands in a mapping, and this is {node}")
    for key, _ in node.items():
        if key not in known:
            raise CannotRenderError(node.key(key), f"not understood: {what} {key}")
