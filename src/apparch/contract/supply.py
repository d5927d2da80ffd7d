"""What variables a container is given, and by which object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from apparch.contract.deploy_side import Overlay
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.dotenv import parse_dotenv
from apparch.repository.yaml_file import parse_yaml

TEMPLATES = "_shared/secrets/templates/"


@dataclass(frozen=True)
class Supply:
    """One variable, as a container gets it."""

    name: str
    place: Place
    by: Literal["ConfigMap", "Secret", "literal", "pod"]
    value: str | None
    """None where the manifest does not show it."""
    source: str
    """The object's name."""


@dataclass(frozen=True)
class Missing:
    """An object that a container refers to and that nothing in the repository shows."""

    kind: str
    name: str
    place: Place
    variable: str = ""
    """The one that it would supply, where the container takes no more of it."""


def supplies(repository: Repository, overlay: Overlay, container: Node) -> tuple[list[Supply], list[Missing]]:
    """Everything that a container is given; a later source of the same kind wins, `env` wins over `envFrom`."""
    found: list[Supply] = []
    missing: list[Missing] = []
    for entry in container.at("envFrom").elements():
        prefix = entry.at("prefix").text or ""
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            reference = entry.at(field, "name")
            if not reference.text:
                continue
            keys = _keys(repository, overlay, kind, reference.text)
            if keys is None:
                missing.append(Missing(kind, reference.text, reference.place))
            for key, place, value in keys or ():
                found.append(Supply(prefix + key, place, kind, value, reference.text))  # type: ignore[arg-type]
    for entry in container.at("env").elements():
        supply = _variable(repository, overlay, entry)
        if isinstance(supply, Supply):
            found.append(supply)
        elif supply is not None:
            missing.append(supply)
    return found, missing


def effective(found: list[Supply]) -> dict[str, Supply]:
    """What the process sees: of several supplies of one name, the last."""
    return {supply.name: supply for supply in found}


def _variable(repository: Repository, overlay: Overlay, entry: Node) -> Supply | Missing | None:
    name = entry.at("name").text
    if not name:
        return None
    for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        reference = entry.at("valueFrom", field)
        if not reference.present:
            continue
        source, wanted = reference.at("name").text or "", reference.at("key").text
        keys = _keys(repository, overlay, kind, source)
        for key, place, value in keys or ():
            if key == wanted:
                return Supply(name, place, kind, value, source)  # type: ignore[arg-type]
        return Missing(kind, f"{source} with key {wanted}", reference.place, name)
    if entry.at("valueFrom").present:
        return Supply(name, entry.place, "pod", None, "the pod")
    return Supply(name, entry.place, "literal", str(entry.at("value").value or ""), "the manifest")


def _keys(repository: Repository, overlay: Overlay, kind: str, name: str) -> list[tuple[str, Place, str | None]] | None:
    if kind == "ConfigMap":
        node = overlay.named("ConfigMap", name)
        return (
            None
            if node is None
            else [(key, node.at("data").key(key), str(value)) for key, value in node.at("data").items()]
        )
    return _secret_keys(repository, overlay, name)


def _secret_keys(repository: Repository, overlay: Overlay, name: str) -> list[tuple[str, Place, str | None]] | None:
    for node in overlay.rendering.of_kind("Secret", "SealedSecret", "ExternalSecret"):
        if name not in (node.at("metadata", "name").text, node.at("spec", "template", "metadata", "name").text):
            continue
        return list(_keys_of(node))
    for path in repository.matching("*.enc.yaml", "*.enc.yml"):
        documents = repository.parsed(path, parse_yaml)
        if not isinstance(documents, Problem):
            for node in documents:
                if node.at("metadata", "name").text == name and overlay.name.rpartition("/")[2] in path:
                    return list(_keys_of(node))
    entries = repository.parsed(f"{TEMPLATES}{name}.env", parse_dotenv)
    return None if isinstance(entries, Problem) else [(each.name, each.place, None) for each in entries]


def _keys_of(node: Node) -> Iterator[tuple[str, Place, str | None]]:
    for path in (("data",), ("stringData",), ("spec", "encryptedData")):
        mapping = node.at(*path)
        for key, _ in mapping.items():
            yield key, mapping.key(key), None
    for entry in node.at("spec", "data").elements():
        if entry.at("secretKey").text:
            yield str(entry.at("secretKey").text), entry.place, None
