"""Imports go downwards only (docs/ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "app"
MODULES: dict[str, Any] = tomllib.loads((Path(__file__).parents[2] / "docs" / "modules.toml").read_text())


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
        ("def f():\n    import app.services", ["app.services"]),
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


def module_of(file: Path) -> str:
    """The name by which docs/modules.toml lists it: a package stands for all that is in it."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def names(file: Path) -> set[str]:
    """Every name in its code, but for those in comments and texts."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    return {
        str(value) for node in nodes for key in ("id", "attr", "arg", "name") if (value := getattr(node, key, None))
    }


FILES = sorted(PACKAGE.rglob("*.py"))
FOR_ANY_APP = [file for file in FILES if module_of(file) in MODULES["any"]]


def test_every_module_is_for_any_app_or_this_apps_own() -> None:
    """The list is complete, and names nothing twice or that is gone."""
    assert sorted(MODULES["any"] + MODULES["own"]) == sorted({module_of(file) for file in FILES} - {"migrations"})


@pytest.mark.parametrize("file", FOR_ANY_APP, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_what_any_app_needs_imports_nothing_of_this_apps_own(file: Path) -> None:
    """But for the names that every app has, with a content of its own."""
    own = [name for name in imported(file) if name.split(".")[1:2] and name.split(".")[1] in MODULES["own"]]
    assert [name for name in own if name.startswith("app.") and name not in MODULES["joints"]] == []


@pytest.mark.parametrize("file", FOR_ANY_APP, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_what_any_app_needs_has_no_word_of_the_business_in_its_names(file: Path) -> None:
    """Whoever takes it for another app has nothing to rename."""
    words = {
        name: {word.rstrip("s") for word in re.split("_|(?<=[a-z])(?=[A-Z])", name.lower())} for name in names(file)
    }
    assert {name for name, parts in words.items() if parts & set(MODULES["words"])} == set()
