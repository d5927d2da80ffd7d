"""What the known actions of others do, by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from apparch.app.meanings import Meaning, known
from apparch.repository import Node
from apparch.repository.workflow import Uses

BUILDERS = frozenset({"docker/build-push-action", "depot/build-push-action", "useblacksmith/build-push-action"})
"""They build, and push when they are told so."""
BAKERS = frozenset({"docker/bake-action", "depot/bake-action"})
_LINTERS = re.compile(
    r"lint|pre-commit/action|ruff|clippy|rubocop|phpstan|phpcs|psalm|semgrep|checkstyle|detekt|staticcheck|gosec|reviewdog"
    r"|trunk-io|qodana|pyright|mypy|sonar|codacy|shellcheck|prettier|stylecheck|pylint|flake8|eslint|biome"
)
_SENDERS = re.compile(
    r"(publish|upload|deploy|release)[\w-]{0,40}-(pypi|npm|crates?|crates-io|maven|nuget|rubygems|gem|packagist|hex|jsr|vsce)\b"
    r"|(pypi|npm|crates?|crates-io|maven|nuget|rubygems|gem|hex|jsr)[\w-]{0,40}-(publish|upload|deploy|release)\w*"
    r"|upload-release-asset|upload-to-release|release-asset"
)
"""What an action is called that sends a package to its registry, or files to a release."""
_REPORTS = re.compile(r"setup|report|publish|upload|comment|result|install|cache")


def does(uses: Uses, given: Mapping[str, Node]) -> frozenset[Meaning]:
    """What a step with this action does; empty where it is not known."""
    name = uses.name
    if name in BUILDERS or name in BAKERS:
        return frozenset({"build"} if _given(given, "call") in ("", "build") else ())
    if name == "goreleaser/goreleaser-action":
        arguments = _given(given, "args")
        quiet = re.search(r"--snapshot|--skip[=-]\S*publish", arguments) or not arguments.startswith("release")
        return frozenset() if quiet else frozenset({"release", "publish"})
    if name == "github/codeql-action" and not uses.path.startswith("analyze"):
        return frozenset()
    found: frozenset[Meaning] = frozenset(known()["actions"].get(name, ()))
    if "release" in found and (_given(given, "files") or _given(given, "artifacts") or _given(given, "artifact")):
        found |= {"publish"}
    if not found and _SENDERS.search(name.rpartition("/")[2].lower()):
        return frozenset({"publish"})
    if not found and _LINTERS.search(name) and not _REPORTS.search(uses.repo.lower()):
        return frozenset({"lint"})
    return found


def _given(given: Mapping[str, Node], key: str) -> str:
    return (given[key].text or "") if key in given else ""
