"""A proof's kind is what ran: seen by the recorder in real runs of pytest, whatever the catalogue hopes for."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.proved.test_pytest_plugin import RECORD, run

from apparch.pages.proved.what_ran import kind_of_program, strongest

HEAD = "import subprocess, sys\nimport pytest\n"
CASES: dict[str, tuple[str, str]] = {
    "nothing": ("def test_a(): assert open(__file__)", "reference"),
    "a process": ("def test_a(): subprocess.run([sys.executable, '-c', ''], check=True)", "run"),
    "a tool": ("def test_a(): subprocess.run([sys.executable, '-m', 'ruff', '--version'])", "tool"),
    "only git": ("def test_a(): subprocess.run(['git', '--version'])", "reference"),
    "a fixture's process": (
        "@pytest.fixture(scope='session')\ndef server(): return subprocess.run([sys.executable, '-c', ''])\n"
        "def test_first(server): pass\n"
        "def test_a(server): pass",
        "run",
    ),
    "another test's process": (
        "def test_first(): subprocess.run([sys.executable, '-c', ''])\ndef test_a(): pass",
        "reference",
    ),
    "the product": ("sys.path.insert(0, 'src')\nfrom product import answer\ndef test_a(): assert answer() == 1", "run"),
    "the product's files": ("def test_a(): assert 'answer' in open('src/product.py').read()", "reference"),
    "the product through a helper": (
        "sys.path.insert(0, 'src')\nfrom product import answer\ndef ask(): return [answer() for _ in '1']\n"
        "def test_a(): assert ask() == [1]",
        "run",
    ),
    "the product beside the test": (
        "sys.path.insert(0, 'src')\nfrom product import answer\ndef test_b(): answer()\ndef test_a(): pass",
        "reference",
    ),
    "the comparison": ("from apparch.contract import compare\ndef test_a(): assert compare", "contract"),
    "the checker": ("from apparch.assess import assess\ndef test_a(): assert assess", "check"),
    "a judge of the checker": ("from apparch.checks import judges\ndef test_a(): assert judges", "check"),
    "a tool's library": ("import jsonschema\ndef test_a(): assert jsonschema.validators", "tool"),
    "the catalogue": ("from apparch.catalogue import load_catalogue\ndef test_a(): pass", "reference"),
}


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_a_kind_is_what_ran(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """What a test, its fixtures and its helpers use decides; of what stands beside it nothing is claimed."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/product.py").write_text("def answer(): return 1\n", "utf-8")
    names = [f"test_{case.replace(' ', '_').replace(chr(39), '')}.py" for case in CASES]
    for name, (tests, _) in zip(names, CASES.values(), strict=True):
        marked = tests.replace("def test_a(", '@pytest.mark.rule("IMG002")\ndef test_a(')
        (tmp_path / name).write_text(HEAD + marked, "utf-8")
    done = run(tmp_path, "", *RECORD, *workers)

    expected = [(f"{name}::test_a", kind, "passed") for name, (_, kind) in zip(names, CASES.values(), strict=True)]
    assert sorted(expected) == done.rules["IMG002"]


@pytest.mark.parametrize(
    ("program", "arguments", "kind"),
    [
        ("/opt/bin/zizmor", ["zizmor", "--offline"], "tool"),
        ("git", ["git", "check-ignore", ".env"], "tool"),
        ("git", ["git", "init"], "reference"),
        ("/bin/kubectl", ["kubectl", "kustomize", "k8s"], "reference"),
        ("/bin/bash", ["bash", "apply.sh"], "run"),
        (None, "true", "run"),
        ("python3.12", ["python3.12", "-m", "mypy"], "tool"),
        ("python3.12", ["python3.12", "-m", "app"], "run"),
    ],
)
def test_a_program_proves_what_it_does(program: str | None, arguments: list[str] | str, kind: str) -> None:
    """A tool judges, a program that shows files proves nothing by itself, all else is behaviour."""
    assert kind == kind_of_program(program, arguments)


def test_the_kind_that_shows_most_is_taken() -> None:
    """A test that does several things is called by the strongest."""
    assert ["contract", "run", "reference"] == [
        strongest({"run", "contract"}),
        strongest({"tool", "run"}),
        strongest(()),
    ]
