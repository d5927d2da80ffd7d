"""Imports go downwards only (docs/ARCHITECTURE.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "app"


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports, anywhere in it; a relative import by its full name."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            inside = ["app", *file.relative_to(PACKAGE).parts][: -node.level] if node.level else []
            module = ".".join([*inside, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.rule("DIR019")
@pytest.mark.parametrize("file", sorted((PACKAGE / "shared").rglob("*.py")), ids=lambda file: file.name)
def test_shared_knows_nothing_of_the_app(file: Path) -> None:
    """What any app can use imports the standard library, packages, and its own neighbours."""
    own = [name for name in imported(file) if name.split(".")[0] == "app"]
    assert [name for name in own if not name.startswith("app.shared")] == []


@pytest.mark.rule("DIR019")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from app.config import Settings", ["app.config.Settings"]),
        ("from ..config import Settings", ["app.config.Settings"]),
        ("from .. import config", ["app.config"]),
        ("def f():\n    import app.orders", ["app.orders"]),
    ],
)
def test_an_import_upwards_is_seen(
    text: str, found: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Absolute or relative, at the top or inside a function."""
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path)
    (tmp_path / "shared").mkdir()
    file = tmp_path / "shared" / "client.py"
    file.write_text(text)
    assert list(imported(file)) == found
