"""`configurations` and `crds`: what a layer adds to kustomize's tables of fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from apparch.repository.json_file import parse_json
from apparch.repository.kustomize.defaults import Configuration, Referred
from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.kustomize.fields import Kind, field, fields, merged
from apparch.repository.kustomize.layer import Layer
from apparch.repository.nodes import Node
from apparch.repository.places import Problem

_TABLES = {
    "commonLabels": "labels",
    "templateLabels": "template_labels",
    "commonAnnotations": "annotations",
    "namespace": "namespace",
    "namePrefix": "names",
    "nameSuffix": "names",
    "replicas": "replicas",
    "images": "images",
    "varReference": "variables",
}


def configured(layer: Layer, tables: Configuration) -> Configuration:
    """The tables with what the layer's files add."""
    for entry in layer.entries("configurations"):
        for document in layer.documents(entry):
            tables = _with_document(tables, document)
    for entry in layer.entries("crds"):
        for document in _definitions(layer, entry):
            tables = tables.with_references(tuple(_referred(document)))
    return tables


def _with_document(tables: Configuration, document: Node) -> Configuration:
    for key, node in document.items():
        if key == "nameReference":
            tables = tables.with_references(
                tuple(Referred(_kind(each), tuple(fields(each.at("fieldSpecs")))) for each in node.elements())
            )
        elif key in _TABLES:
            name = _TABLES[key]
            tables = replace(tables, **{name: merged(fields(node), getattr(tables, name))})  # type: ignore[arg-type]
        elif key not in ("labels",):
            raise CannotRenderError(document.key(key), f"not understood: {key} of a configuration")
    return tables


def _kind(node: Node) -> Kind:
    return Kind(node.at("group").text or "", node.at("version").text or "", node.at("kind").text or "")


def _definitions(layer: Layer, entry: Node) -> tuple[Node, ...]:
    """The schemas of a file: JSON, or YAML."""
    path = layer.path(entry, inside=True)
    if not path.endswith(".json"):
        return layer.documents(entry)
    found = layer.repository.parsed(path, parse_json)
    if isinstance(found, Problem):
        raise CannotRenderError(entry.place, f"{path}: {found.message}")
    return (found,)


def _referred(document: Node) -> Iterator[Referred]:
    """The references that schemas state by `x-kubernetes-object-ref-*`; a custom resource's own schema states none."""
    schemas = {key.rpartition(".")[2]: node.at("Schema") if node.at("Schema").present else node
               for key, node in document.items()}  # fmt: skip
    if document.at("kind").text == "CustomResourceDefinition":
        return
    for kind, schema in schemas.items():
        yield from _references(kind, schema, (), schemas, 0)


def _references(
    kind: str, schema: Node, path: tuple[str, ...], schemas: dict[str, Node], depth: int
) -> Iterator[Referred]:
    for name, below in schema.at("properties").items():
        steps = (*path, name)
        wanted = below.at("x-kubernetes-object-ref-kind").text
        if wanted:
            version = (below.at("x-kubernetes-object-ref-api-version").text or "").rpartition("/")
            key = below.at("x-kubernetes-object-ref-name-key").text or "name"
            where = field("/".join((*steps, key)), kind)
            yield Referred(Kind(version[0], version[2], wanted), (where,))
        reference = (below.at("$ref").text or "").rpartition(".")[2]
        inner = schemas.get(reference, below) if reference else below
        if depth < 10:
            yield from _references(kind, inner, steps, schemas, depth + 1)
