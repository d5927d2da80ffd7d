"""Where the tests that prove rules stand, and the sentence that each says of itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class ProofSource:
    """A test's function."""

    path: str
    """Its file, from the repository's root."""
    line: int
    sentence: str
    """The first paragraph of its docstring; empty where it has none."""


@dataclass(frozen=True)
class ProofSources:
    """The tests of a repository, each file read when it is first asked for."""

    root: Path
    _read: dict[str, dict[str, ProofSource]] = field(default_factory=dict, compare=False)

    def of(self, test: str) -> ProofSource | None:
        """The function behind a test's node id from the root; None where there is no such function."""
        path, _, name = test.partition("::")
        if path not in self._read:
            self._read[path] = dict(_functions(self.root, path))
        return self._read[path].get(name.partition("[")[0])


def _functions(root: Path, path: str) -> Iterator[tuple[str, ProofSource]]:
    file = root / path
    if ".." in Path(path).parts or file.suffix != ".py" or not file.is_file():
        return
    yield from _within(ast.parse(file.read_bytes()), path, "")


def _within(node: ast.Module | ast.ClassDef, path: str, prefix: str) -> Iterator[tuple[str, ProofSource]]:
    for each in node.body:
        if isinstance(each, ast.ClassDef):
            yield from _within(each, path, f"{prefix}{each.name}::")
        elif isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            sentence = (ast.get_docstring(each) or "").partition("\n\n")[0]
            yield f"{prefix}{each.name}", ProofSource(path, each.lineno, " ".join(sentence.split()))
