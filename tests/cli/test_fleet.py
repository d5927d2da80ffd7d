"""`apparch fleet`, called as the entry point calls it."""

from __future__ import annotations

import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import pytest
from tests.fleet.fifty import make_fleet

from apparch.cli import main


def _run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    clean = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    with mock.patch.dict(os.environ, clean, clear=True), redirect_stdout(out), redirect_stderr(err):
        try:
            code = main(["fleet", *map(str, arguments)])
        except SystemExit as ended:
            code = int(str(ended.code))
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(name="inventory", scope="module")
def _inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean app, one that has to follow a change, and one that is not there."""
    return make_fleet(tmp_path_factory.mktemp("few") / "fleet", {"ahead": 1, "behind": 1, "missing": 1})


@pytest.fixture(name="few")
def _few(inventory: Path) -> list[str]:
    return ["--inventory", str(inventory), "--template", str(inventory.parent / "template"), "--jobs", "1"]


def test_a_repository_with_something_to_do_ends_with_1(few: list[str]) -> None:
    """One that cannot be read as well, and the others are told."""
    code, out, err = _run(*few)
    assert (code, [line.split()[0] for line in out.splitlines()[:4]], err) == (
        1,
        ["Repo", "ahead-1", "behind-1", "missing-1"],
        "",
    )


def test_nothing_to_do_ends_with_0(inventory: Path) -> None:
    """By paths; the folder's name is the repository's."""
    template = inventory.parent / "template"
    code, out, _ = _run(inventory.parent / "repos/ahead-1", "--template", template)
    assert (code, out.splitlines()[-1]) == (0, "1 repo, 1 with nothing to do")


@pytest.mark.parametrize(("by", "code"), [("2.0.0", 1), ("IMG015", 1), ("1.1.0", 0), ("IMG001", 0)])
def test_whether_anybody_must_change_is_the_exit_code_of_a_question(few: list[str], by: str, code: int) -> None:
    """Whatever else there is to do."""
    assert _run(*few, "--affected-by", by)[0] == code


def test_results_of_several_runs_become_one_table(few: list[str], tmp_path: Path) -> None:
    """What a result holds is not judged again; what none holds is."""
    for name in ("ahead-1", "behind-1"):
        _run(*few, "--only", name, "--format", "json", "--output", tmp_path / f"rows/{name}.json")
    whole, merged = _run(*few)[1], _run(*few, "--results", tmp_path / "rows")[1]
    alone = _run("--results", tmp_path / "rows", *few[2:])[1]
    assert (merged, alone.splitlines()[-1]) == (
        whole,
        "2 repos, 1 with nothing to do, 1 behind the template, 1 must follow a change",
    )


@pytest.mark.parametrize(("form", "begins"), [("json", "{"), ("markdown", "3 repos"), ("html", "<!doctype html>")])
def test_each_form_is_written_where_it_is_asked_for(few: list[str], tmp_path: Path, form: str, begins: str) -> None:
    """And nothing to standard output."""
    _, out, _ = _run(*few, "--format", form, "--output", tmp_path / "new/fleet")
    assert (out, (tmp_path / "new/fleet").read_text("utf-8").startswith(begins)) == ("", True)


def test_the_matrix_is_one_line(few: list[str]) -> None:
    """Nothing is judged for it."""
    code, out, _ = _run(*few, "--matrix")
    assert (code, [each["names"] for each in json.loads(out)["include"]]) == (0, ["ahead-1", "behind-1", "missing-1"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "fleet needs paths of repositories, --inventory or --results"),
        (("x", "--inventory", "y"), "give paths or --inventory, not both"),
        (("--inventory", "/nowhere.yaml"), "/nowhere.yaml cannot be read: No such file or directory"),
        (("/nowhere", "--jobs", "0"), "'0' is no number of processes from 1 up"),
        (("/nowhere", "--affected-by", "IMG900"), "IMG900 is no rule"),
        (("/nowhere", "--affected-by", "9.9.9"), "the template has no version 9.9.9"),
        (("/nowhere", "--results", "/nowhere.json"), "/nowhere.json cannot be read: No such file or directory"),
        (("/nowhere", "--only", "somewhere"), "the list has no somewhere"),
    ],
)
def test_a_wrong_call_ends_with_2(arguments: tuple[str, ...], told: str) -> None:
    """And says what is wrong with it."""
    code, out, err = _run(*arguments)
    assert (code, out, told in err) == (2, "", True)


def test_the_schema_is_printed(few: list[str]) -> None:
    """Of the JSON."""
    assert json.loads(_run("--schema")[1])["title"] == "The result of apparch fleet"
