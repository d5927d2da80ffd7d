"""Whether our code leaves the libraries that it uses as they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def patches(source: str) -> list[str]:
    """Each place where a module assigns to something inside a module or a class that it imported from others."""
    tree = ast.parse(source)
    foreign = set(_foreign(tree))
    return [
        f"{target.lineno}: {ast.unparse(target)}"
        for node in ast.walk(tree)
        for target in _targets(node)
        if isinstance(target, ast.Attribute) and _root(target) in foreign
    ]


def _foreign(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names if alias.name != "apparch")
        if isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("apparch"):
            yield from (alias.asname or alias.name for alias in node.names)


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr" and node.args:
        return [ast.Attribute(node.args[0], "...", lineno=node.lineno)]
    return [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import mkdocs.structure\nmkdocs.structure.markdown = 1\n", ["2: mkdocs.structure.markdown"]),
        ("from material.search import Parser\nParser.updatepos = None\n", ["2: Parser.updatepos"]),
        ("import pygments as p\nsetattr(p, 'x', 1)\n", ["2: p...."]),
        ("from apparch import site\nsite.x = 1\nown = 1\n", []),
    ],
    ids=["module", "class", "setattr", "ours"],
)
def test_a_patch_is_seen(source: str, expected: list[str]) -> None:
    """An assignment into a library is found in whatever form; one into our own is not meant."""
    assert expected == patches(source)


def test_no_library_is_patched() -> None:
    """No module of ours changes a library while it runs."""
    found = {path.relative_to(ROOT).as_posix(): patches(path.read_text("utf-8")) for path in SOURCES}

    assert {} == {path: places for path, places in found.items() if places}
