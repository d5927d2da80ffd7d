"""The comments and docstrings of the files that readers see, line by line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from apparch.repository import Repository

FOLDER = "snippets"
# What people read as prose is judged as such; tests and tool output speak of what must not be.
OTHERS = re.compile(
    r"(?:^|/)tests/|^(?:trees|diagrams|walks|rules)/|\.(?:md|txt|mmd|json|diff|console|lock|env)$|requirements"
)
COMMENT = re.compile(r"(?:^|\s)#(?![!>])\s(?P<text>.*)$")
# A version behind a pinned action, a directive to a tool, a section mark.
NO_PROSE = re.compile(r"v\d\S*|(?:noqa|type:|shellcheck|pragma|syntax=|--8<--|hadolint|yaml-language-server).*")


def comments(root: Path) -> Iterator[tuple[str, int, str]]:
    """Each comment line and docstring: its file below snippets/, its line, its words.

    A file that stands in two repositories at the same place, as the template's do, is taken once.
    """
    taken: set[tuple[str, str]] = set()
    for path in Repository(root / FOLDER).files:
        if OTHERS.search(path):
            continue
        try:
            text = (root / FOLDER / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        same = (path.partition("/")[2], text)
        if same in taken:
            continue
        taken.add(same)
        if path.endswith(".py"):
            yield from ((path, number, words) for number, words in _docstrings(text))
        if path.endswith((".py", ".sh", ".yaml", ".yml", ".toml", ".tpl", ".example", "ignore")) or "ockerfile" in path:
            yield from ((path, number, words) for number, words in _hashes(text))


def _hashes(text: str) -> Iterator[tuple[int, str]]:
    """Comments, those on neighbouring lines joined into one."""
    joined: list[tuple[int, str]] = []
    last = -1
    for number, line in enumerate(text.split("\n"), 1):
        match = COMMENT.search(line)
        if not match or NO_PROSE.fullmatch(match.group("text")):
            continue
        alone = line.lstrip().startswith("#")
        if alone and last == number - 1:
            joined[-1] = joined[-1][0], f"{joined[-1][1]} {match.group('text')}"
        else:
            joined.append((number, match.group("text")))
        last = number if alone else -1
    yield from joined


def _docstrings(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, " ".join(node.value.value.split())
