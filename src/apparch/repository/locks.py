"""Lock files: the packages that each pins, whatever tool wrote it."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from apparch.repository.places import Place, Problem
from apparch.repository.requirements import Requirements, parse_requirements
from apparch.repository.toml_file import parse_toml
from apparch.repository.yaml_file import parse_yaml


@dataclass(frozen=True)
class Locked:
    """One package at one version."""

    name: str
    version: str
    hashed: bool
    """Whether its content is pinned as well."""


def parse_lock(text: str, path: str) -> tuple[Locked, ...] | Problem:
    """The packages of a lock file, which its name tells apart; one that is not known or malformed is a problem."""
    name = posixpath.basename(path)
    read = _READERS.get(name) or (_requirements if name.endswith(".txt") else None)
    if read is None:
        return Problem(Place(path), "no lock file of a tool that is known")
    found = _raw(text, path)
    if isinstance(found, Problem):
        return found
    try:
        return tuple(read(found, path))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        return Problem(Place(path), "not in the form of its tool")


def _raw(text: str, path: str) -> Any:
    """The text as data, by its form; what is neither JSON, TOML nor YAML stays a text."""
    name = posixpath.basename(path)
    if name in _JSON:
        given = re.sub(r",(\s*[}\]])", r"\1", text) if name == "bun.lock" else text
        try:
            return json.loads(given)
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", 1)
            return Problem(Place(path, line), "not readable as JSON")
    if name in ("uv.lock", "poetry.lock", "pdm.lock", "Cargo.lock", "pylock.toml"):
        return parse_toml(text, path)
    if name == "pnpm-lock.yaml":
        documents = parse_yaml(text, path)
        return documents if isinstance(documents, Problem) else documents[-1].plain if documents else {}
    return text


_JSON = frozenset(
    [
        "Pipfile.lock", "package-lock.json", "npm-shrinkwrap.json", "composer.lock", "packages.lock.json", "bun.lock",
        "deno.lock", "Package.resolved",
    ]
)  # fmt: skip


def _toml(data: Any, path: str) -> Iterator[Locked]:
    for each in data.get("package", data.get("packages", [])):
        files = (
            each.get("files") or each.get("wheels") or each.get("sdist") or each.get("checksum") or each.get("archive")
        )
        yield Locked(each["name"], str(each.get("version", "")), bool(files))


def _pipfile(data: Any, path: str) -> Iterator[Locked]:
    for group in ("default", "develop"):
        for name, each in data.get(group, {}).items():
            yield Locked(name, str(each.get("version", "")).removeprefix("=="), bool(each.get("hashes")))


def _npm(data: Any, path: str) -> Iterator[Locked]:
    for place, each in data.get("packages", {}).items():
        if "node_modules/" in place and not each.get("link"):
            name = each.get("name") or place.rpartition("node_modules/")[2]
            yield Locked(name, str(each.get("version", "")), bool(each.get("integrity")))
    asked = [] if data.get("packages") else [data.get("dependencies", {})]
    while asked:
        for name, each in asked.pop().items():
            yield Locked(name, str(each.get("version", "")), bool(each.get("integrity")))
            asked += [each["dependencies"]] if each.get("dependencies") else []


def _yarn(text: Any, path: str) -> Iterator[Locked]:
    for block in re.split(r"\n(?=\S)", text):
        head = re.match(r"\"?(@?[^@\s\"]+)@", block)
        version = re.search(r"^  version:? \"?([^\"\s]+)", block, re.MULTILINE)
        if head and version:
            hashed = re.search(r"^  (?:integrity|checksum)\b|^  resolved \"[^\"]*#[0-9a-f]{40}", block, re.MULTILINE)
            yield Locked(head[1], version[1], bool(hashed))


def _pnpm(data: Any, path: str) -> Iterator[Locked]:
    for key, each in (data.get("packages") or {}).items():
        name, _, version = key.lstrip("/").partition("(")[0].rpartition("@")
        yield Locked(name, version, bool((each.get("resolution") or {}).get("integrity")))


def _bun(data: Any, path: str) -> Iterator[Locked]:
    for each in data.get("packages", {}).values():
        name, _, version = each[0].rpartition("@")
        yield Locked(name, version, str(each[-1]).startswith("sha"))


def _deno(data: Any, path: str) -> Iterator[Locked]:
    for group in ("npm", "jsr"):
        for key, each in data.get(group, {}).items():
            name, _, version = key.rpartition("@")
            yield Locked(name, version.partition("_")[0], bool(each.get("integrity")))


def _go(text: Any, path: str) -> Iterator[Locked]:
    for match in re.finditer(r"^(\S+) (v[^\s/]+) h1:\S+$", text, re.MULTILINE):
        yield Locked(match[1], match[2], True)


def _bundler(text: Any, path: str) -> Iterator[Locked]:
    sums = set(re.findall(r"^  (\S+) \(\S+\) sha256=", text, re.MULTILINE))
    for match in re.finditer(r"^    (\S+) \(([^)=<>~ ]+)\)$", text, re.MULTILINE):
        yield Locked(match[1], match[2], match[1] in sums)


def _composer(data: Any, path: str) -> Iterator[Locked]:
    for group in ("packages", "packages-dev"):
        for each in data.get(group) or []:
            pinned = (each.get("dist") or {}).get("shasum") or (each.get("source") or {}).get("reference")
            yield Locked(each["name"], str(each.get("version", "")), bool(pinned))


def _mix(text: Any, path: str) -> Iterator[Locked]:
    for match in re.finditer(
        r"^[ \t]*\"([\w-]+)\": \{:(?:hex, :\w+, \"([^\"]+)\", \"([0-9a-f]*)\"|git, )", text, re.MULTILINE
    ):
        yield Locked(match[1], match[2] or "", bool(match[3]))


def _nuget(data: Any, path: str) -> Iterator[Locked]:
    for framework in data.get("dependencies", {}).values():
        for name, each in framework.items():
            if each.get("type") != "Project":
                yield Locked(name, str(each.get("resolved", "")), bool(each.get("contentHash")))


def _gradle(text: Any, path: str) -> Iterator[Locked]:
    for match in re.finditer(r"^([^#:=\s]+:[^:=\s]+):([^=\s]+)=\S", text, re.MULTILINE):
        yield Locked(match[1], match[2], False)


def _swift(data: Any, path: str) -> Iterator[Locked]:
    for each in data.get("pins") or data.get("object", {}).get("pins", []):
        state = each.get("state", {})
        yield Locked(
            each.get("identity") or each.get("package", ""), state.get("version") or "", bool(state.get("revision"))
        )


def _requirements(text: Any, path: str) -> Iterator[Locked]:
    found = parse_requirements(text, path)
    for each in found.requirements if isinstance(found, Requirements) else ():
        yield Locked(each.name, each.specifier.lstrip("="), bool(each.hashes))


_READERS: dict[str, Callable[[Any, str], Iterator[Locked]]] = {
    "uv.lock": _toml, "poetry.lock": _toml, "pdm.lock": _toml, "Cargo.lock": _toml, "pylock.toml": _toml,
    "Pipfile.lock": _pipfile, "package-lock.json": _npm, "npm-shrinkwrap.json": _npm, "yarn.lock": _yarn,
    "pnpm-lock.yaml": _pnpm, "bun.lock": _bun, "deno.lock": _deno, "go.sum": _go, "Gemfile.lock": _bundler,
    "gems.locked": _bundler, "composer.lock": _composer, "mix.lock": _mix, "packages.lock.json": _nuget,
    "gradle.lockfile": _gradle, "Package.resolved": _swift,
}  # fmt: skip
