"""What the tests take from the machine that they run on: nothing but where programs are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SOURCES = sorted(path for path in TESTS.rglob("*.py") if path.name.startswith(("test_", "conftest")))
LISTENS_OR_ASKS = {"bind", "connect", "create_connection", "create_server", "open_connection", "start_server"}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last part of the name that is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node


def read(tree: ast.AST) -> Iterator[str]:
    """The variables of this process's environment that code asks for by name."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=taken, slice=ast.Constant(value=str(name))) if ast.unparse(taken) == "os.environ":
                yield name
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if ast.unparse(node.func) in (
                "os.getenv",
                "os.environ.get",
            ):
                yield name


@pytest.mark.rule("DIR011")
def test_no_test_reads_a_variable_of_its_own_environment() -> None:
    """What a test needs to know it makes; PATH says where programs are."""
    found = {f"{path.name}: {name}" for path in SOURCES for name in read(ast.parse(path.read_text()))}
    assert {each for each in found if not each.endswith(": PATH")} == set()


@pytest.mark.rule("DIR011")
def test_no_test_counts_on_a_fixed_port() -> None:
    """A port that is written down may be taken, or be another's; 0 asks for a free one."""
    fixed = [
        f"{path.name}:{call.lineno}"
        for path in SOURCES
        for name, call in calls(ast.parse(path.read_text()))
        if name in LISTENS_OR_ASKS
        for part in ast.walk(call)
        if isinstance(part, ast.Constant) and type(part.value) is int and part.value >= 80
    ]
    assert len(SOURCES) > 20
    assert fixed == []
