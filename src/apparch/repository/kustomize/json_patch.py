"""JSON 6902: a list of operations, each at a path, as the library that kustomize uses carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from apparch.repository.kustomize.errors import CannotRenderError
from apparch.repository.nodes import Node


@dataclass(frozen=True)
class _Change:
    """One thing to do at the end of a path."""

    name: Literal["add", "replace", "remove", "test"]
    value: Node
    operation: Node

    def missing(self) -> CannotRenderError:
        return CannotRenderError(self.operation.place, f"there is nothing at {self.operation.at('path')}")


def apply(target: Node, operations: Node) -> Node:
    """The object after every operation in order; CannotRenderError for one that does not fit it."""
    for operation in operations.elements():
        steps = _steps(operation, "path")
        match operation.at("op").text:
            case "add" | "replace" | "test" | "remove" as name:
                target = _at(target, steps, _Change(name, operation.at("value"), operation))
            case "move" | "copy" as name:
                source = _steps(operation, "from")
                value = target.at(*_positions(target, source))
                if not value.present:
                    raise CannotRenderError(operation.place, f"there is nothing at {operation.at('from')}")
                if name == "move":
                    target = _at(target, source, _Change("remove", value, operation))
                target = _at(target, steps, _Change("add", value, operation))
            case other:
                raise CannotRenderError(operation.place, f"there is no operation {other}")
    return target


def _steps(operation: Node, key: str) -> list[str]:
    path = operation.at(key).text
    if not path:
        raise CannotRenderError(operation.place, f"an operation needs a {key} that begins with /")
    # What stands before the first slash is passed over, and without one the last part is taken.
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:] or [path]]


def _positions(node: Node, steps: list[str]) -> list[str | int]:
    found: list[str | int] = []
    for step in steps:
        number = step.lstrip("-").isdigit() and step.isascii() and len(step) < 10
        found.append(int(step) if number and isinstance(node.at(*found).value, list) else step)
    return found


def _at(node: Node, steps: list[str], change: _Change) -> Node:
    if isinstance(node.value, dict):
        return _in_mapping(node, steps[0], steps[1:], change)
    if isinstance(node.value, list):
        return _in_list(node, steps[0], steps[1:], change)
    raise change.missing()


def _in_mapping(node: Node, step: str, rest: list[str], change: _Change) -> Node:
    entries, keys = dict(node.items()), dict(node.keys)
    place = node.place
    if step not in entries and (rest or change.name == "remove"):
        raise change.missing()
    if rest:
        entries[step] = _at(entries[step], rest, change)
    elif change.name == "remove":
        del entries[step]
        place = change.operation.place
    elif change.name == "test":
        _test(entries.get(step, Node(None, node.place, present=False)), change)
    else:
        entries[step] = change.value if change.value.present else Node(None, change.operation.place)
        keys[step] = entries[step].place
    return Node(entries, place, keys=keys)


def _in_list(node: Node, step: str, rest: list[str], change: _Change) -> Node:
    items = list(node.elements())
    adds = change.name == "add" and not rest
    if step == "-" and adds:
        return Node([*items, change.value], node.place)
    number = int(step) if step.isascii() and step.lstrip("-").isdigit() and len(step) < 10 else None
    limit = len(items) + adds
    if number is None or not -limit <= number < limit:
        raise change.missing()
    index = number if number >= 0 else number + limit
    if rest:
        items[index] = _at(items[index], rest, change)
    elif change.name == "remove":
        del items[index]
    elif change.name == "add":
        items.insert(index, change.value)
    elif change.name == "replace":
        items[index] = change.value
    else:
        _test(items[index], change)
    return Node(items, node.place)


def _test(found: Node, change: _Change) -> None:
    if found.plain != change.value.plain:
        raise CannotRenderError(change.operation.place, f"the test at {change.operation.at('path')} fails")
