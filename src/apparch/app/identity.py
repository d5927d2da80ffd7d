"""Which addresses of repositories are the app's own, by the names that its manifests give it."""

from __future__ import annotations

import re

from apparch.app.repo import AppRepo
from apparch.repository import Problem

_NAMES: tuple[tuple[str, str], ...] = (
    ("go.mod", r"^module\s+(\S+?)(?:/v\d+)?\s*$"),
    ("package.json", r'"(?:name|url|repository)"\s*:\s*"([^"]+)"'),
    ("pyproject.toml", r'^(?:name|[\w-]*(?:source|repository|homepage|github|code)[\w-]*)\s*=\s*"([^"]+)"'),
    ("setup.py", r"\b(?:name|url)\s*=\s*[\"']([^\"']+)"),
    ("setup.cfg", r"^(?:name|url)\s*=\s*(\S+)"),
    ("Cargo.toml", r'^(?:name|repository|homepage)\s*=\s*"([^"]+)"'),
    ("composer.json", r'"name"\s*:\s*"([^"]+)"'),
    ("pom.xml", r"<(?:artifactId|url|connection)>([^<]+)<"),
)
_THIS = ("github.repository", "GITHUB_REPOSITORY", "github.event.")


def is_own(app: AppRepo, address: str) -> bool:
    """Whether an address is the app's own repository, or one that a variable words, of which nothing is said."""
    if any(each in address for each in _THIS) or "$" in address:
        return True
    return _last(address) in own_names(app)


def own_names(app: AppRepo) -> frozenset[str]:
    """What the project calls itself, in lower case."""
    known = app.root.memo(own_names)
    if app.directory not in known:
        known[app.directory] = frozenset(_names(app))
    found: frozenset[str] = known[app.directory]
    return found


def _names(app: AppRepo) -> set[str]:
    found: set[str] = set()
    for path, pattern in _NAMES:
        for repository in (app.repository, app.root):
            text = repository.text(path) if repository.has(path) else ""
            if not isinstance(text, Problem):
                found |= {
                    _last(match) for match in re.findall(pattern, text[:20_000], re.MULTILINE | re.IGNORECASE)[:20]
                }
    return found - {""}


def _last(address: str) -> str:
    return address.strip().rstrip("/").removesuffix(".git").rpartition("/")[2].rpartition(":")[2].lower()
