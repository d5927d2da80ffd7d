"""Image names: their parts, and what an entry of `images` makes of the ones that it matches."""

from __future__ import annotations

from apparch.repository.kustomize import objects
from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.kustomize.fields import Field, change, field
from apparch.repository.kustomize.layer import refuse_unknown
from apparch.repository.kustomize.patterns import pattern
from apparch.repository.kustomize.resource import Resource
from apparch.repository.nodes import Node

_FIELDS = frozenset({"name", "newName", "newTag", "digest", "tagSuffix"})
_REST = r"(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?"
AGAIN = tuple(
    field(f"spec/{template}{path}")
    for template in ("", "template/spec/")
    for path in ("containers/image", "initContainers/image", "volumes/image/reference")
)
"""Where kustomize looks once more: a suffix is added twice there."""


def split_image(image: str) -> tuple[str, str, str]:
    """An image reference's name, tag and digest; what is absent is empty."""
    rest, _, digest = image.partition("@")
    head, colon, tag = rest.rpartition(":")
    return (head, tag, digest) if colon and "/" not in tag else (rest, "", digest)


def images(node: Node, entry: Node, where: tuple[Field, ...]) -> Node:
    """The object with the entry applied to the images of its containers, wherever containers stand."""
    refuse_unknown(entry, _FIELDS, "a field of images")
    for key, value in entry.items():
        if value.value is not None and value.text is None:
            raise CannotRenderError(value.place, f"{key} is {value}, which is no text: put it in quotes")
    if objects.kind(node) != "CustomResourceDefinition":
        node = _with_images(node, entry)
    for at in (*AGAIN, *where):
        if at.of.covers(Resource(node).identity):
            node = change(node, at.path, lambda image: _retagged(image, entry))
    return node


def _with_images(node: Node, entry: Node) -> Node:
    if isinstance(node.value, list):
        return objects.with_value(node, [_with_images(each, entry) for each in node.value])
    if not isinstance(node.value, dict):
        return node
    made: dict[str, Node] = {}
    for key, below in node.value.items():
        made[key] = _with_images(below, entry)
        if key in ("containers", "initContainers") and isinstance(below.value, list):
            made[key] = objects.with_value(below, [_container(each, entry) for each in made[key].elements()])
    return objects.with_value(node, made)


def _container(node: Node, entry: Node) -> Node:
    return objects.with_entry(node, "image", _retagged(node.at("image"), entry)) if node.at("image").text else node


def _retagged(image: Node, entry: Node) -> Node:
    wanted = entry.at("name")
    if not image.text or not pattern(f"{wanted.text or ''}{_REST}", wanted.place).fullmatch(image.text):
        return image
    name, tag, digest = split_image(image.text)
    new_name, new_tag, new_digest = (entry.at(key).text or "" for key in ("newName", "newTag", "digest"))
    place = image.place
    for key in ("newName", "newTag", "digest", "tagSuffix"):
        place = entry.at(key).place if entry.at(key).text else place
    if new_tag or new_digest:
        tag, digest = new_tag, new_digest
    elif entry.at("tagSuffix").text:
        tag, digest = tag + str(entry.at("tagSuffix").text), ""
    text = (new_name or name) + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    return Node(text, place, earlier=image.earlier or image)
