"""The variables that an App repository publishes: config/.env.example and config/settings.schema.json."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.dotenv import Entry, parse_dotenv
from apparch.repository.json_file import parse_json

EXAMPLE = "config/.env.example"
SCHEMA = "config/settings.schema.json"
COUNT = 1_000
"""How many variables an app may have."""


@dataclass(frozen=True)
class Variable:
    """One variable of the app."""

    name: str
    place: Place
    required: bool
    secret: bool
    default: str | None
    """For a secret it is no business of a report."""
    schema: Node | None
    """What the schema says of its values."""
    schema_place: Place | None

    def refuses(self, value: str) -> str:
        """Why the app would not take a value, as far as the schema tells; empty if it would."""
        if not value.strip():
            return "is empty"
        if self.schema is None or "${" in value:  # what Flux and others put in later is not here
            return ""
        if self.secret:
            return ""  # what is wrong with it would quote it
        choices = [str(each) for each in self.schema.at("enum").elements()]
        if choices and value not in choices:
            return f"is {value!r}, but must be one of {', '.join(choices)}"
        kind = self.schema.at("type").text
        return _refused_number(self.schema, kind, value.strip()) if kind in ("integer", "number") else ""


def _refused_number(schema: Node, kind: str, value: str) -> str:
    if not re.fullmatch(r"[-+]?[0-9]{1,18}" + ("" if kind == "integer" else r"(\.[0-9]+)?"), value):
        return f"is {value!r}, which is no {kind}"
    low, high, above = (schema.at(key).number for key in ("minimum", "maximum", "exclusiveMinimum"))
    number = float(value)
    too_low = (low is not None and number < low) or (above is not None and number <= above)
    return f"is {value}, which is out of range" if too_low or (high is not None and number > high) else ""


def read_variables(repository: Repository, path: str = EXAMPLE) -> tuple[dict[str, Variable], list[Problem]]:
    """Every variable by its name, and what could not be read of them."""
    problems: list[Problem] = []
    entries: dict[str, Entry] = {}
    example = repository.parsed(path, parse_dotenv)
    if path != EXAMPLE:
        problems.append(Problem(Place(f"{repository.prefix}{path}"), f"{EXAMPLE} is missing; there is {path}"))
    if isinstance(example, Problem):
        missing = not repository.has(path)
        place = repository.somewhere(SCHEMA, "pyproject.toml", "README.md") if missing else example.place
        problems.append(Problem(place, f"{EXAMPLE} is missing" if missing else example.message))
    elif not example:
        problems.append(Problem(Place(f"{repository.prefix}{path}"), "it lists no variable"))
    else:
        entries = {entry.name: entry for entry in example}
    schema = Node({}, Place(SCHEMA))
    if repository.has(SCHEMA):
        parsed = repository.parsed(SCHEMA, parse_json)
        if isinstance(parsed, Problem):
            problems.append(parsed)
        else:
            schema = parsed
    if len(entries) + len(schema.at("properties").keys) > COUNT:
        place = repository.somewhere(path)
        return {}, [*problems, Problem(place, f"it and the schema list more than {COUNT} variables")]
    names = [*entries, *(name for name, _ in schema.at("properties").items() if name not in entries)]
    return {name: _variable(name, entries.get(name), schema) for name in names}, problems


def _variable(name: str, entry: Entry | None, schema: Node) -> Variable:
    described = schema.at("properties", name)
    properties = schema.at("properties")
    if described.present:
        required = name in [each.text for each in schema.at("required").elements()]
        secret = described.at("writeOnly").value is True or described.at("format").text == "password"
    else:
        words = set(re.findall(r"[a-z]+", entry.comment.lower())) if entry else set()
        required, secret = "required" in words, "secret" in words
    if entry is not None and entry.value:
        default: str | None = entry.value
    else:
        default = str(described.at("default")) if described.at("default").present else None
    place = entry.place if entry else properties.key(name)
    schema_place = properties.key(name) if described.present else None
    return Variable(name, place, required, secret, default, described if described.present else None, schema_place)
