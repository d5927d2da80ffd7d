"""What a test run records: real runs of pytest with the recorder in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SRC = Path(__file__).parents[3] / "src"

PLUGINS = ["-p", "apparch.pages.proved.pytest_plugin", "-p", "xdist.plugin"]
RECORD = ("--proofs", "proofs.json")
WORKERS = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])

TESTS = """
import pytest

@pytest.mark.rule("IMG002")
def test_passes(): pass

@pytest.mark.rule("IMG003")
def test_fails(): assert 1 == 2

@pytest.mark.rule("IMG004")
def test_is_skipped(): pytest.skip("no tool")

@pytest.mark.rule("IMG005")
@pytest.mark.xfail(reason="known")
def test_is_expected_to_fail(): assert False

@pytest.fixture
def broken(): raise OSError

@pytest.mark.rule("IMG006")
def test_cannot_start(broken): pass

@pytest.fixture
def leaves_a_mess():
    yield
    raise OSError

@pytest.mark.rule("IMG007")
def test_cannot_end(leaves_a_mess): pass

@pytest.mark.rule("IMG008", "IMG009")
@pytest.mark.rule("IMG008")
def test_proves_two(): pass

@pytest.mark.rule("IMG010")
@pytest.mark.parametrize("n", [1, 2])
def test_has_cases(n): assert n == 1

def test_proves_no_rule(): pass
"""

EXPECTED = {
    "IMG002": [("test_a.py::test_passes", "reference", "passed")],
    "IMG003": [("test_a.py::test_fails", "reference", "failed")],
    "IMG004": [("test_a.py::test_is_skipped", "reference", "skipped")],
    "IMG005": [("test_a.py::test_is_expected_to_fail", "reference", "skipped")],
    "IMG006": [("test_a.py::test_cannot_start", "reference", "failed")],
    "IMG007": [("test_a.py::test_cannot_end", "reference", "failed")],
    "IMG008": [("test_a.py::test_proves_two", "reference", "passed")],
    "IMG009": [("test_a.py::test_proves_two", "reference", "passed")],
    "IMG010": [
        ("test_a.py::test_has_cases[1]", "reference", "passed"),
        ("test_a.py::test_has_cases[2]", "reference", "failed"),
    ],
}


@dataclass(frozen=True)
class Run:
    """A finished run of pytest."""

    code: int
    output: str
    folder: Path

    @property
    def rules(self) -> dict[str, list[tuple[str, str, str]]]:
        """What the run recorded of each rule."""
        data: dict[str, Any] = json.loads((self.folder / "proofs.json").read_text("utf-8"))
        return {rule: [(t["test"], t["kind"], t["outcome"]) for t in tests] for rule, tests in data["rules"].items()}


def run(folder: Path, tests: str, *options: str, ci: bool = False) -> Run:
    """Run these tests in a folder of their own, in a fresh interpreter."""
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n", "utf-8")
    (folder / "test_a.py").write_text(tests, "utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "CI" and not key.startswith("PYTEST")}
    environment |= {"PYTHONPATH": str(SRC), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment |= {"CI": "true"} if ci else {}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *PLUGINS, *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout + done.stderr, folder)


@WORKERS
def test_a_run_records_how_each_test_ended(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """Only what passed is recorded so, in setup, call and teardown, whoever ran it."""
    assert EXPECTED == run(tmp_path, TESTS, *RECORD, *workers).rules


@WORKERS
def test_an_unknown_rule_ends_the_run(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """A test marked with an ID that is no rule does not run, and is named; alone it ends the whole run."""
    tests = 'import pytest\n\n@pytest.mark.rule("IMG999")\ndef test_a(): pass\n'
    done = run(tmp_path, tests, *workers)

    assert done.code == (1 if workers else pytest.ExitCode.USAGE_ERROR)
    assert "test_a.py::test_a: marked with IMG999, which is no rule of the catalogue" in done.output
    assert "1 passed" not in done.output


SKIPS = "import pytest\n\ndef test_a(): pytest.skip('no tool')\n\ndef test_b(): pass\n"


def test_a_skip_is_accepted_on_a_desk(tmp_path: Path) -> None:
    """Where a tool may be missing a skip does not fail the run."""
    assert 0 == run(tmp_path, SKIPS).code


@WORKERS
def test_a_skip_fails_ci(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """In CI a run with a skip fails and names the test."""
    done = run(tmp_path, SKIPS, *workers, ci=True)

    assert 1 == done.code
    assert "skipped, which CI does not accept" in done.output
    assert "\ntest_a.py::test_a\n" in done.output


def test_a_run_without_skips_passes_ci(tmp_path: Path) -> None:
    """In CI a run in which everything passed passes."""
    assert 0 == run(tmp_path, "def test_a(): pass\n", ci=True).code


def test_a_grouped_test_keeps_its_name(tmp_path: Path) -> None:
    """What xdist adds to a test's name to keep a group together is not recorded."""
    tests = 'import pytest\n\n@pytest.mark.xdist_group("g")\n@pytest.mark.rule("IMG002")\ndef test_a(): pass\n'
    done = run(tmp_path, tests, *RECORD, "-n", "1", "--dist", "loadgroup")

    assert {"IMG002": [("test_a.py::test_a", "reference", "passed")]} == done.rules


BLOCKS_OF_ONE_FILE = """
import os, pathlib, types, pytest
from apparch.pages.written.blocks import Block
from apparch.pages.written.snippets import Snippet

@pytest.fixture(autouse=True)
def note(request):
    with pathlib.Path("workers").open("a") as file:
        print(os.environ["PYTEST_XDIST_WORKER"], file=file)

def pytest_itemcollected(item):
    snippet = Snippet("snippets/a.console", None, 1, 1, "$ true")
    item.example = types.SimpleNamespace(parsed=Block("a.md", item.callspec.params["n"], "ko", "console", snippet))
"""


def test_one_worker_judges_the_blocks_of_one_file(tmp_path: Path) -> None:
    """Blocks of one file are not spread over the workers, so that what they share is done once."""
    (tmp_path / "conftest.py").write_text(BLOCKS_OF_ONE_FILE, "utf-8")
    tests = "import pytest\n\n@pytest.mark.parametrize('n', range(8))\ndef test_a(n): pass\n"
    done = run(tmp_path, tests, "-n", "2", "--dist", "loadgroup")

    assert 0 == done.code, done.output
    assert 1 == len(set((tmp_path / "workers").read_text("utf-8").split()))


def test_a_part_of_the_repository_is_named_from_its_root(tmp_path: Path) -> None:
    """A run in a folder below the repository records its tests with the path from the root."""
    (tmp_path / "mkdocs.yml").write_text("", "utf-8")
    part = tmp_path / "snippets/app"
    part.mkdir(parents=True)
    done = run(part, 'import pytest\n\n@pytest.mark.rule("IMG002")\ndef test_a(): pass\n', *RECORD)

    assert {"IMG002": [("snippets/app/test_a.py::test_a", "reference", "passed")]} == done.rules


def test_a_quick_run_leaves_out_what_is_long_and_says_so(tmp_path: Path) -> None:
    """What is marked long does not run in a quick run, and the record tells that it was one."""
    tests = 'import pytest\n\n@pytest.mark.long\n@pytest.mark.rule("IMG002")\ndef test_a(): pass\n\n'
    done = run(tmp_path, f'{tests}@pytest.mark.rule("IMG003")\ndef test_b(): pass\n', *RECORD, "--quick")

    assert {"IMG003": [("test_a.py::test_b", "reference", "passed")]} == done.rules
    assert [True] == [each["quick"] for each in json.loads((tmp_path / "proofs.json").read_text("utf-8"))["runs"]]


def test_no_record_is_written_unasked(tmp_path: Path) -> None:
    """Without the option a run leaves no record."""
    done = run(tmp_path, "def test_a(): pass\n")

    assert 0 == done.code
    assert not (tmp_path / "proofs.json").exists()
