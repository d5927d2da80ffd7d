"""The published contract: the links of an image as a file that travels with its tag (App document 5.1, A.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from importlib.resources import files
from typing import Any

from apparch.app.image import Image
from apparch.app.published_variables import Variable
from apparch.app.python_facts import Metric, Source
from apparch.app.side import AppSide
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.dockerfile import Instruction
from apparch.repository.json_file import parse_json

VERSION = 1
"""Of the file; it rises when a key is removed or changes its meaning, not when one is added."""
HEALTH = {
    "startupProbe": "/health/startup",
    "livenessProbe": "/health/live",
    "readinessProbe": "/health/ready",
}
"""Where the image answers each probe."""
PORT, FORMAT = "SERVICE_PORT", "LOG_FORMAT"
BOUNDS = ("KEEP_ALIVE_SECONDS", "HEADER_SECONDS", "MAX_BODY_BYTES", "MAX_CONNECTIONS", "MAX_HEADER_BYTES")
"""The constants by which an image says what it takes of a client."""
_KEPT = ("type", "enum", "minimum", "maximum", "exclusiveMinimum", "default", "description")
"""What is published of a variable's schema."""


def schema() -> str:
    """The JSON Schema of the file."""
    return (files("apparch.app") / "published.schema.json").read_text("utf-8")


def exported(side: AppSide) -> dict[str, Any]:
    """What an App repository publishes, as plain values in a fixed order; no value of a secret is in it."""
    source = side.source
    return {
        "version": VERSION,
        "image": {
            "name": side.image.name if side.image else None,
            "user": side.user.name if side.user else None,
            "entrypoint": _words(side, "ENTRYPOINT"),
            "command": _words(side, "CMD"),
            "temporaryFiles": source.temporary is not None and "TMPDIR" not in side.environment,
            "tls": source.encrypted,
        },
        "variables": [_variable(each) for each in side.variables.values()],
        "tag": {"immutable": ["vX.Y.Z", "vX.Y.Z-rc.N", "sha-<40 hex digits>"]},
        "port": {"container": [int(port) for port, _ in side.exposed if port.isdigit()], "variable": PORT},
        "logs": {"to": "stdout", "variable": FORMAT if side.variable(FORMAT) else None},
        "probes": {kind: path if path in source.routes else None for kind, path in HEALTH.items()},
        "metrics": {
            "path": "/metrics" if "/metrics" in source.routes else None,
            "names": {
                name: None if each.labels is None else sorted(each.labels)
                for name, each in sorted(source.metrics.items())
            },
        },
        "routes": sorted(source.routes),
        "stop": {
            name: number
            for name, (number, _) in sorted(source.numbers.items())
            if name.endswith("_SECONDS") and name not in BOUNDS
        },
        "bounds": {name: source.numbers[name][0] for name in BOUNDS if name in source.numbers},
        "migration": {
            "has": side.migrations is not None,
            "modules": sorted(source.modules),
            "scripts": sorted(side.scripts),
        },
    }


def as_json(content: dict[str, Any]) -> str:
    """The file's text."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _words(side: AppSide, name: str) -> list[str]:
    found = [each for each in side.stage if each.name == name]
    return found[-1].words if found else []


def _variable(variable: Variable) -> dict[str, Any]:
    described = variable.schema.plain if variable.schema is not None else {}
    kept = {key: described[key] for key in _KEPT if key in described} if isinstance(described, dict) else {}
    if variable.secret:
        kept.pop("default", None)
    return {
        "name": variable.name,
        "required": variable.required,
        "secret": variable.secret,
        "default": None if variable.secret else variable.default,
        "schema": kept if variable.schema is not None else None,
    }


class PublishedSide(AppSide):
    """The App's side as its published contract tells it: every place is a line of that file."""

    def __init__(self, text: str, path: str) -> None:
        self.repository = self.root = Repository.of({path: text})
        self.problems: list[Problem] = []
        self.workflows: dict[str, Node] = {}
        parsed = parse_json(text, path)
        node = parsed if isinstance(parsed, Node) else Node({}, Place(path))
        self.problems += list(_problems(parsed, path))
        self.example = self.dockerfile = path
        self._node = node
        self.variables = {each.name: each for each in map(_read_variable, node.at("variables").elements()) if each.name}
        self.source = _read_source(node)
        self.instructions = tuple(_read_instructions(node))
        name = node.at("image", "name")
        self.image = Image(name.text, name.place) if name.text else None

    @cached_property
    def migrations(self) -> Place | None:
        """Where the file says that there are some."""
        has = self._node.at("migration", "has")
        return has.place if has.value is True else None

    @cached_property
    def scripts(self) -> frozenset[str]:
        """The commands that the image has."""
        return frozenset(str(each) for each in self._node.at("migration", "scripts").elements())

    @property
    def tag_place(self) -> Place:
        """Where the file says which tags stay."""
        return self._node.at("tag").place


def _problems(parsed: Node | Problem, path: str) -> Iterator[Problem]:
    if isinstance(parsed, Problem):
        yield parsed
    elif parsed.at("version").value != VERSION:
        said = parsed.at("version")
        yield Problem(said.place, f"version is {said}, and this tool reads version {VERSION} of a published contract")
    elif not parsed.at("variables").elements():
        yield Problem(Place(path), "it lists no variable")


def _read_variable(node: Node) -> Variable:
    default, schema = node.at("default"), node.at("schema")
    described = schema if isinstance(schema.value, dict) else None
    return Variable(
        node.at("name").text or "",
        node.at("name").place,
        node.at("required").value is True,
        node.at("secret").value is True,
        None if default.value is None else str(default),
        described,
        described.place if described else None,
    )


def _read_source(node: Node) -> Source:
    source = Source(encrypted=node.at("image", "tls").value is True)
    if node.at("image", "temporaryFiles").value is True:
        source.temporary = node.at("image", "temporaryFiles").place
    for each in node.at("routes").elements():
        source.routes[str(each)] = each.place
    for name, labels in node.at("metrics", "names").items():
        listed = frozenset(str(each) for each in labels.elements()) if isinstance(labels.value, list) else None
        source.metrics[name] = Metric(name, node.at("metrics", "names").key(name), listed)
    for each in node.at("migration", "modules").elements():
        source.modules[str(each)] = each.place
    for name, number in (*node.at("stop").items(), *node.at("bounds").items()):
        if number.number is not None:
            source.numbers[name] = (number.number, number.place)
    return source


def _read_instructions(node: Node) -> Iterator[Instruction]:
    image = node.at("image")
    yield Instruction("FROM", "published", image.place)
    if image.at("user").text:
        yield Instruction("USER", str(image.at("user")), image.at("user").place)
    for port in node.at("port", "container").elements():
        yield Instruction("EXPOSE", str(port), port.place)
    for key, name in (("entrypoint", "ENTRYPOINT"), ("command", "CMD")):
        if image.at(key).elements():
            yield Instruction(name, json.dumps(image.at(key).plain), image.at(key).place)
