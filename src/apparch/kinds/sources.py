"""Source and manifests of packages: what a repository is written in, and where its packages begin."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate

from apparch.app.languages import LANGUAGES, OTHER_SOURCES
from apparch.app.repo import as_text
from apparch.repository import Repository
from apparch.repository.path_names import name
from apparch.repository.roles import role

_ENDINGS = (*(ending for each in LANGUAGES for ending in each.endings), *sorted(OTHER_SOURCES))
_TOOLS = frozenset({"scripts", "script", "tools", "tool", "hack", "bin", "ci"})
_MANIFEST = re.compile("|".join(translate(each) for language in LANGUAGES for each in language.manifests))
_ENTRY = re.compile(
    r"(main|app|server|wsgi|asgi|api|run|manage|application|program|index|cli|__main__|web|service|Procfile|package)\b",
    re.IGNORECASE,
)
_WORKSPACES = (
    ("package.json", '"workspaces"'),
    ("Cargo.toml", "[workspace]"),
    ("pyproject.toml", "[tool.uv.workspace]"),
    ("pom.xml", "<modules>"),
)
_WORKSPACE_FILES = ("pnpm-workspace.yaml", "go.work", "lerna.json", "nx.json", "turbo.json")


def glance(repository: Repository, path: str) -> str:
    """A file's text; empty where there is none to be had, which is no fault of a file that only might matter."""
    content = repository.content(path) if repository.has(path) else b""
    return as_text(content) if isinstance(content, bytes) else ""


def sources(repository: Repository) -> list[str]:
    """The files of source that become part of what runs."""
    known = repository.memo(sources)
    if "" not in known:
        known[""] = [path for path in repository.files if path.endswith(_ENDINGS) and role(path) == "product"]
    found: list[str] = known[""]
    return found


def entries_first(paths: Iterable[str]) -> list[str]:
    """The same files, those first whose names are those of entry points, and of these the highest."""
    return sorted(paths, key=lambda path: (not _ENTRY.match(name(path)), path.count("/")))


def is_for_tools(path: str) -> bool:
    """Whether a file lies in a folder at the root that holds scripts beside the product."""
    return path.partition("/")[0] in _TOOLS


def is_manifest(path: str) -> bool:
    """Whether a file declares a package."""
    return _MANIFEST.match(name(path)) is not None


def homes(repository: Repository) -> frozenset[str]:
    """The directories in which a package is declared; the root is the empty one."""
    known = repository.memo(homes)
    if "" not in known:
        known[""] = frozenset(path.rpartition("/")[0] for path in repository.files if is_manifest(path))
    found: frozenset[str] = known[""]
    return found


def home(repository: Repository, path: str) -> str:
    """The directory of the package that a file belongs to; the root where there is none."""
    folder = path.rpartition("/")[0]
    while folder and folder not in homes(repository):
        folder = folder.rpartition("/")[0]
    return folder


def is_package(repository: Repository) -> bool:
    """Whether the repository as a whole is a package with source, beside which loose manifests only show something."""
    return "" in homes(repository) and bool(own_sources(repository))


def own_sources(repository: Repository) -> list[str]:
    """The files of source that are no scripts beside the product."""
    return [path for path in sources(repository) if not is_for_tools(path)]


def is_workspace(repository: Repository) -> bool:
    """Whether the manifest at the root only holds several packages together."""
    return any(mark in glance(repository, path) for path, mark in _WORKSPACES) or any(
        repository.has(each) for each in _WORKSPACE_FILES
    )
