"""A project small enough to read at a glance: what the tests of the runner break."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.breaches.workspace import Workspace, git, make_workspace

from apparch.catalogue import Text
from apparch.pages.breaches import Breach, Change

PYPROJECT = """
[tool.pytest.ini_options]
addopts = "--import-mode=importlib --strict-markers"
markers = ["rule(*ids): the rules that a test proves"]
"""
PROOFS = '''
"""Proofs of a product that is one file of numbers."""

import time
from pathlib import Path

import pytest

TEXT = Path("snippets/numbers.txt").read_text()


@pytest.mark.rule("AAA001")
def test_the_first_is_one():
    assert TEXT.split()[0] == "1", "wrong\\n  app numbers.txt | " + TEXT.split()[0] + " <> deploy b | 1"


@pytest.mark.rule("AAA001")
def test_there_is_a_file():
    assert TEXT


@pytest.mark.rule("BBB001")
def test_there_are_three():
    assert len(TEXT.split()) == 3


@pytest.mark.rule("AAA002")
def test_is_red_anyway():
    assert TEXT.startswith("9")


@pytest.mark.rule("AAA003")
def test_is_skipped():
    pytest.skip("a tool is missing")


@pytest.fixture
def numbers():
    found = [int(word) for word in TEXT.split()]
    assert sum(found) < 100
    return found


@pytest.mark.rule("AAA004")
def test_needs_small_numbers(numbers):
    assert numbers


@pytest.fixture
def library():
    if "0" in TEXT:
        import not_there


@pytest.mark.rule("AAA005")
def test_needs_a_library(library):
    assert True


@pytest.mark.rule("AAA006")
@pytest.mark.parametrize("at", [0, 1, 2])
def test_each_is_small(at):
    assert int(TEXT.split()[at]) < 10, f"wrong\\n  app numbers.txt | {TEXT.split()[at]} <> deploy b | 1"


@pytest.mark.rule("AAA007")
def test_ends_soon():
    time.sleep(0 if TEXT.startswith("1") else 600)
'''


def a_workspace(folder: Path) -> Workspace:
    """A copy of the small project."""
    project = folder / "project"
    for name, text in {
        "pyproject.toml": PYPROJECT,
        "tests/test_numbers.py": PROOFS,
        "snippets/numbers.txt": "1 2 3\n",
        "snippets/same.txt": "a\na\n",
        "snippets/settings.yaml": "a: 1\n",
        "snippets/app/src/app/main.py": "from app import numbers\n",
        "snippets/app/src/app/numbers.py": "ONE = 1\n",
        "snippets/app/src/app/__init__.py": "",
    }.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, "utf-8")
    git(project, "init", "--quiet")
    return make_workspace(project, folder / "copy")


def a_breach(rule: str, *changes: Change, proof: str = "", **more: Any) -> Breach:
    """A breach of a rule, noticed by a proof of the small project."""
    noticed_by = f"tests/test_numbers.py::{proof}" if proof else None
    kind = more.pop("kind", "plain")
    return Breach(
        f"{rule}-x", rule, kind, Text("가", "a"), changes, "tests/breaches/AAA.yaml", noticed_by=noticed_by, **more
    )
