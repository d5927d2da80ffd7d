"""JSON6902: a list of operations, each at a path."""

from __future__ import annotations

from apparch.repository.kustomize.layer import CannotRenderError
from apparch.repository.nodes import Node


def apply(target: Node, operations: Node) -> Node:
    """The object after every operation in order; CannotRenderError for one that does not fit it."""
    for operation in operations.elements():
        path = operation.at("path").text
        if path is None or not path.startswith("/"):
            raise CannotRenderError(operation.place, "an operation needs a path that begins with /")
        steps = [step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")]
        match operation.at("op").text:
            case "add" | "replace" | "test" | "remove" as name:
                target = _change(target, steps, operation, name)
            case other:
                raise CannotRenderError(operation.place, f"not understood: the operation {other}")
    return target


def _change(node: Node, steps: list[str], operation: Node, name: str) -> Node:
    step, rest = steps[0], steps[1:]
    if isinstance(node.value, dict):
        return _change_mapping(node, step, rest, operation, name)
    if isinstance(node.value, list):
        return _change_list(node, step, rest, operation, name)
    raise CannotRenderError(operation.place, f"there is nothing at {operation.at('path')}")


def _change_mapping(node: Node, step: str, rest: list[str], operation: Node, name: str) -> Node:
    entries, keys = dict(node.items()), dict(node.keys)
    if (rest or name != "add") and step not in entries:
        raise CannotRenderError(operation.place, f"there is nothing at {operation.at('path')}")
    if rest:
        entries[step] = _change(entries[step], rest, operation, name)
    elif name == "remove":
        del entries[step]
    elif name == "test":
        _test(entries[step], operation)
    else:
        entries[step] = operation.at("value")
        keys[step] = operation.at("value").place
    return Node(entries, node.place, keys=keys)


def _change_list(node: Node, step: str, rest: list[str], operation: Node, name: str) -> Node:
    items = list(node.elements())
    if step == "-" and name == "add" and not rest:
        return Node([*items, operation.at("value")], node.place)
    limit = len(items) + (name == "add" and not rest)
    if not (step.isascii() and step.isdigit() and len(step) < 10 and int(step) < limit):
        raise CannotRenderError(operation.place, f"there is nothing at {operation.at('path')}")
    index = int(step)
    if rest:
        items[index] = _change(items[index], rest, operation, name)
    elif name == "remove":
        del items[index]
    elif name == "add":
        items.insert(index, operation.at("value"))
    elif name == "replace":
        items[index] = operation.at("value")
    else:
        _test(items[index], operation)
    return Node(items, node.place)


def _test(found: Node, operation: Node) -> None:
    if found.plain != operation.at("value").plain:
        raise CannotRenderError(operation.place, f"the test at {operation.at('path')} fails")
