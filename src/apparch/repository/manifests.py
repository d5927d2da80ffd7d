"""Manifests of packages in every ecosystem: which file declares dependencies, which locks them, and by which tool."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from apparch.repository.json_file import parse_json
from apparch.repository.nodes import Node
from apparch.repository.places import Problem
from apparch.repository.requirements import Requirements, included
from apparch.repository.toml_file import parse_toml
from apparch.repository.view import Repository


@dataclass(frozen=True)
class Ecosystem:
    """What one kind of package is called and locked with."""

    name: str
    manifests: tuple[str, ...]
    """Patterns of file names."""
    locks: Mapping[str, str]
    """The tool that writes each lock, by its file name, the likeliest first."""
    above: bool = False
    """Whether a lock at the root of a workspace serves the packages below it."""


ECOSYSTEMS = (
    Ecosystem(
        "python",
        ("pyproject.toml", "Pipfile", "setup.py", "setup.cfg"),
        {
            "uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile.lock": "pipenv", "pixi.lock": "pixi",
            "pylock.toml": "pip", "conda-lock.yml": "conda-lock",
        },
        above=True,
    ),
    Ecosystem(
        "npm",
        ("package.json",),
        {
            "package-lock.json": "npm", "npm-shrinkwrap.json": "npm", "pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn",
            "bun.lock": "bun", "bun.lockb": "bun",
        },
        above=True,
    ),
    Ecosystem("deno", ("deno.json", "deno.jsonc"), {"deno.lock": "deno"}, above=True),
    Ecosystem("go", ("go.mod",), {"go.sum": "go"}),
    Ecosystem("cargo", ("Cargo.toml",), {"Cargo.lock": "cargo"}, above=True),
    Ecosystem("maven", ("pom.xml",), {}),
    Ecosystem("gradle", ("build.gradle", "build.gradle.kts"), {"gradle.lockfile": "gradle"}),
    Ecosystem("bundler", ("Gemfile", "gems.rb"), {"Gemfile.lock": "bundler", "gems.locked": "bundler"}),
    Ecosystem("composer", ("composer.json",), {"composer.lock": "composer"}),
    Ecosystem("mix", ("mix.exs",), {"mix.lock": "mix"}, above=True),
    Ecosystem("nuget", ("*.csproj", "*.fsproj", "*.vbproj"), {"packages.lock.json": "nuget"}),
    Ecosystem("swift", ("Package.swift",), {"Package.resolved": "swift"}),
)  # fmt: skip
_REQUIREMENTS = re.compile(r"(?:.*/)?(?:(?:requirements|constraints)[\w.-]*|[\w.-]*[-_.]requirements)\.(?:txt|in)$")
_IN_FOLDER = re.compile(r"(?:.*/)?requirements/[^/]+\.(?:txt|in)$")
_TOOLS = ("poetry", "uv", "pdm", "pixi", "hatch", "flit")
_MENTIONS = {
    "go.mod": r"^\s*require\b|^\t[\w.-]+\.[\w.-]+/\S+ v", "pom.xml": r"<dependency>", "Gemfile": r"^\s*gem\b",
    "gems.rb": r"^\s*gem\b", "mix.exs": r"\{:\w+,", "Package.swift": r"\.package\(", "setup.py": r"install_requires",
    "setup.cfg": r"^install_requires\s*=",
}  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    """One file that declares a package's dependencies."""

    path: str
    ecosystem: str
    tool: str
    """What the lock, else the manifest, says of who manages it; empty where neither does."""
    lock: str | None
    """The file that locks it, beside it or at the root of its workspace; None where there is none."""
    declares: bool | None
    """Whether it asks for anything that could be locked; None where that cannot be told."""
    pinned: bool | None = None
    """Of a requirement file: whether each line, those that it includes among them, is one version; else None."""
    hashed: bool | None = None
    """The same for hashes."""


def manifests(repository: Repository) -> tuple[Manifest, ...]:
    """Every manifest of a repository, by path; whether it is of the product is for `roles` to say."""
    known = repository.memo(manifests)
    if "" not in known:
        known[""] = tuple(_manifests(repository))
    told: tuple[Manifest, ...] = known[""]
    return told


def _manifests(repository: Repository) -> Iterator[Manifest]:
    for path in repository.files:
        name = posixpath.basename(path)
        if _REQUIREMENTS.fullmatch(path) or _IN_FOLDER.fullmatch(path):
            yield _requirement_file(repository, path)
            continue
        for ecosystem in ECOSYSTEMS:
            if any(fnmatchcase(name, pattern) for pattern in ecosystem.manifests):
                yield _manifest(repository, path, ecosystem)


def lock_of(repository: Repository, path: str, ecosystem: Ecosystem) -> str | None:
    """The lock beside a manifest, or in the nearest folder above it where the ecosystem has workspaces."""
    folder = posixpath.dirname(path)
    while True:
        for name in ecosystem.locks:
            lock = posixpath.join(folder, name)
            if repository.has(lock):
                return lock
        if not folder or not ecosystem.above:
            return None
        folder = posixpath.dirname(folder)


def _manifest(repository: Repository, path: str, ecosystem: Ecosystem) -> Manifest:
    lock = lock_of(repository, path, ecosystem)
    tool = ecosystem.locks[posixpath.basename(lock)] if lock else _tool(repository, path)
    if lock is None and ecosystem.name == "python":
        lock = _compiled(repository, posixpath.dirname(path))
        tool = "pip" if lock and not tool else tool
    return Manifest(path, ecosystem.name, tool, lock, _declares(repository, path))


def _requirement_file(repository: Repository, path: str) -> Manifest:
    """A requirement file is a lock of its own where each line has one version and a hash."""
    read = list(included(repository, path))
    lines = [line for each in read if isinstance(each, Requirements) for line in each.requirements if not line.local]
    whole = all(isinstance(each, Requirements) and not each.problems for each in read)
    pinned, hashed = (
        whole and all(line.pinned or line.hashes for line in lines),
        whole and all(line.hashes for line in lines),
    )
    lock = path if hashed and lines else None
    if path.endswith(".in"):
        compiled = f"{path.removesuffix('.in')}.txt"
        lock = compiled if repository.has(compiled) else lock
    return Manifest(path, "python", "pip", lock, bool(lines), pinned, hashed)


def _compiled(repository: Repository, folder: str) -> str | None:
    """A requirement file beside a manifest that pins all it lists by hash."""
    below = f"{folder}/" if folder else ""
    near = (path for path in repository.files if path.endswith(".txt") and path.startswith(below))
    listed = (path for path in near if _REQUIREMENTS.fullmatch(path) or _IN_FOLDER.fullmatch(path))
    locks = (path for path in listed if path[len(below) :].count("/") < 2)
    return next((path for path in locks if _requirement_file(repository, path).lock == path), None)


def _tool(repository: Repository, path: str) -> str:
    name = posixpath.basename(path)
    if name == "Pipfile":
        return "pipenv"
    if name == "pyproject.toml":
        tables = _tables(repository, path).get("tool", {})
        return next((tool for tool in _TOOLS if isinstance(tables, dict) and tool in tables), "")
    if name == "package.json":
        manager = _json(repository, path).at("packageManager").text or ""
        return manager.partition("@")[0]
    return ""


def _declares(repository: Repository, path: str) -> bool | None:
    name = posixpath.basename(path)
    result: bool | None = None
    if name in ("pyproject.toml", "Pipfile"):
        result = _python_declares(_tables(repository, path))
    elif name == "Cargo.toml":
        tables = _tables(repository, path)
        result = (
            any(key.endswith("dependencies") and bool(each) for key, each in tables.items()) or "workspace" in tables
        )
    elif name == "package.json":
        keys = ("dependencies", "devDependencies", "optionalDependencies", "workspaces")
        result = any(bool(_json(repository, path).at(key).value) for key in keys)
    elif name == "composer.json":
        wanted = [each for key in ("require", "require-dev") for each, _ in _json(repository, path).at(key).items()]
        result = any("/" in each for each in wanted)
    else:
        pattern = _MENTIONS.get(name) or (r"<PackageReference\b" if name.endswith("proj") else None)
        text = repository.text(path)
        if pattern and isinstance(text, str):
            result = re.search(pattern, text, re.MULTILINE) is not None
    return result


def _python_declares(tables: Mapping[str, Any]) -> bool:
    project, tool = tables.get("project", {}), tables.get("tool", {})
    poetry = tool.get("poetry", {}) if isinstance(tool, dict) else {}
    asked = [tables.get("dependency-groups"), tables.get("packages"), tables.get("dev-packages")]
    if isinstance(project, dict):
        asked += [project.get("dependencies"), project.get("optional-dependencies"), project.get("dynamic")]
    if isinstance(poetry, dict):
        given = poetry.get("dependencies")
        asked += [set(given) - {"python"} if isinstance(given, dict) else None, poetry.get("group")]
    return any(asked)


def _tables(repository: Repository, path: str) -> Mapping[str, Any]:
    tables = repository.parsed(path, parse_toml)
    return {} if isinstance(tables, Problem) else tables


def _json(repository: Repository, path: str) -> Node:
    node = repository.parsed(path, parse_json)
    return Node(None, node.place, present=False) if isinstance(node, Problem) else node
