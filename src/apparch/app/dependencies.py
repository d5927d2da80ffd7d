"""What an app's manifests declare and its lock files fix: the packages that it depends on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from apparch.app.repo import AppRepo
from apparch.repository import Node, Place, Problem
from apparch.repository.json_file import parse_json
from apparch.repository.places import spot
from apparch.repository.requirements import Requirement, Requirements, parse_requirement, parse_requirements
from apparch.repository.toml_file import parse_toml_nodes

_GO = re.compile(r"^[ \t]*(?:require[ \t]+)?(?P<name>[\w.-]+\.[\w./~-]+)\s+(?P<version>v[0-9]\S*)", re.MULTILINE)
_GEM = re.compile(r"^[ \t]*gem\s+[\"'](?P<name>[\w.-]+)[\"']", re.MULTILINE)
_MIX = re.compile(r"[{]:(?P<name>\w+),\s*\"(?P<version>[^\"]+)\"")
_XML = re.compile(r"<artifactId>(?P<name>[\w.-]+)</artifactId>|PackageReference\s+Include=\"(?P<include>[\w.-]+)\"")


@dataclass(frozen=True)
class Dependency:
    """One declared, or locked, package."""

    name: str
    """In Python normalised."""
    version: str
    """What is said of its version, as it is written; empty where nothing is."""
    place: Place


def uses(app: AppRepo, names: frozenset[str]) -> bool:
    """Whether a manifest of the app declares one of these packages."""
    return any(each.name in names for each in declared(app))


def declared(app: AppRepo) -> tuple[Dependency, ...]:
    """What the manifests in the app's directory declare for the product; what is for development only is left out."""
    known = app.root.memo(declared)
    if app.directory not in known:
        known[app.directory] = tuple(_declared(app))
    found: tuple[Dependency, ...] = known[app.directory]
    return found


def _declared(app: AppRepo) -> Iterator[Dependency]:
    if app.has("pyproject.toml"):
        yield from of_pyproject(app)
    elif app.has("requirements.txt"):
        yield from of_requirements(app, "requirements.txt")
    yield from _of_json(app)
    for file, pattern in (("go.mod", _GO), ("Gemfile", _GEM), ("pom.xml", _XML), ("mix.exs", _MIX)):
        text = app.repository.text(file) if app.has(file) else ""
        for match in pattern.finditer(text) if isinstance(text, str) else ():
            groups = match.groupdict()
            name = groups["name"] or groups.get("include") or ""
            begin = match.start() + len(match[0]) - len(match[0].lstrip())
            place = spot(app.place(file).path, str(text), begin, match.end())
            yield Dependency(name, groups.get("version") or "", place)
    for file, keys in (("Cargo.toml", ("dependencies",)),):
        tables = app.repository.parsed(file, parse_toml_nodes) if app.has(file) else None
        if isinstance(tables, Node):
            for name, value in tables.at(*keys).items():
                yield Dependency(name, value.text or value.at("version").text or "", tables.at(*keys).key(name))


def _of_json(app: AppRepo) -> Iterator[Dependency]:
    for file, keys in (("package.json", ("dependencies", "optionalDependencies")), ("composer.json", ("require",))):
        node = app.repository.parsed(file, parse_json) if app.has(file) else None
        for table in [node.at(key) for key in keys] if isinstance(node, Node) else ():
            for name, version in table.items():
                if file == "package.json" or "/" in name:  # the rest is PHP itself and its extensions
                    yield Dependency(name, version.text or "", table.key(name))


def of_pyproject(app: AppRepo) -> Iterator[Dependency]:
    """The dependencies of the project table, or of Poetry's."""
    tables = app.repository.parsed("pyproject.toml", parse_toml_nodes)
    if isinstance(tables, Problem):
        return
    for node in tables.at("project", "dependencies").elements():
        read = parse_requirement((node.text or "").strip(), node.place)
        if isinstance(read, Requirement) and read.name:
            yield _dependency(read)
    table = tables.at("tool", "poetry", "dependencies")
    for name, node in table.items():
        if name != "python" and not node.at("path").present:
            yield Dependency(normalised(name), node.text or node.at("version").text or "", table.key(name))


def of_requirements(app: AppRepo, path: str) -> Iterator[Dependency]:
    """The lines of a requirements file; options, local paths and includes are none."""
    read = app.repository.parsed(path, parse_requirements)
    if isinstance(read, Requirements):
        yield from (_dependency(each) for each in read.requirements if each.name and not each.editable)


def _dependency(read: Requirement) -> Dependency:
    return Dependency(read.name, f"@ {read.url}" if read.url else read.specifier, read.place)


def normalised(name: str) -> str:
    """A Python package's name in its one form."""
    return re.sub(r"[-_.]+", "-", name).lower()
