"""The commands that judge and explain, called as the entry point calls them."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from tests.checks.examples import RULES

from apparch.cli import main

FINDING = "docker/Dockerfile\n  6:1     IMG015 MUST  python:3.12-slim has no digest\n"


@dataclass(frozen=True)
class Done:
    """What a call printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def _run(*arguments: str | Path, **environ: str) -> Done:
    out, err = io.StringIO(), io.StringIO()
    clean = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | environ
    with mock.patch.dict(os.environ, clean, clear=True), redirect_stdout(out), redirect_stderr(err):
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as ended:
            code = int(str(ended.code))
    return Done(code, out.getvalue(), err.getvalue())


@pytest.fixture(name="app")
def _app(tmp_path: Path) -> Path:
    """A copy of the examples' base."""
    return Path(shutil.copytree(RULES / "app", tmp_path / "orders"))


@pytest.fixture(name="bad")
def _bad(app: Path) -> Path:
    """The same with one breach."""
    shutil.copy(RULES / "IMG015/bad/docker/Dockerfile", app / "docker/Dockerfile")
    return app


def test_a_clean_repository_ends_with_0(app: Path) -> None:
    """And says what it was taken for."""
    done = _run("check", app)
    assert (done.returncode, done.stdout.splitlines()[:2]) == (
        0,
        [
            "orders: App repo: docker/Dockerfile:1 builds an image that runs `/opt/venv/bin/python -m orders`; "
            "src/orders/__main__.py:1 is source of it",
            "No rule is broken.",
        ],
    )


def test_a_finding_ends_with_1(bad: Path) -> None:
    """Its place, rule and message are on standard output."""
    done = _run("check", bad)
    assert (done.returncode, done.stdout[: len(FINDING)], done.stderr) == (1, FINDING, "")


def test_the_language_is_the_locales(bad: Path) -> None:
    """Unless one is asked for."""
    told = [
        "고치기" in _run("check", bad, *more, LANG=lang).stdout
        for more, lang in (((), "ko_KR.UTF-8"), ((), "en_US.UTF-8"), (("--lang", "ko"), "C"))
    ]
    assert told == [True, False, True]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "/nowhere"), "'/nowhere' is no folder"),
        (("check", ".", "--select", "IMG15"), "IMG15 is neither a rule nor a family; did you mean IMG015?"),
        (("check", ".", "--baseline", "/nowhere.json"), "/nowhere.json cannot be read: No such file or directory"),
        (("check", ".", "--baseline", "README.md"), "README.md: it is no report; make one with apparch check --format"),
        (
            ("check", ".", "--diff", "README.md"),
            "--diff README.md: it holds no unified diff; make one with git diff BASE",
        ),
        (("owner",), "owner needs a path or --diff"),
        (("rule", "IMG15"), "IMG15 is no rule; did you mean IMG015?"),
        (("waive", ".", "--rule", "IMG015"), "a waiver needs --at, --owner, --reason, --until"),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_why(arguments: tuple[str, ...], message: str) -> None:
    """In one line, without a traceback."""
    done = _run(*arguments)
    assert (done.returncode, message in done.stderr.splitlines()[-1], "Traceback" in done.stderr) == (2, True, False)


def test_what_is_known_does_not_count_again(bad: Path, tmp_path: Path) -> None:
    """An earlier report is the baseline; a moved line stays known."""
    baseline = tmp_path / "baseline.json"
    _run("check", bad, "--format", "json", "--output", baseline)
    file = bad / "docker/Dockerfile"
    file.write_text(f"# moved\n\n{file.read_text()}")
    done = _run("check", bad, "--baseline", baseline)
    assert (done.returncode, "No rule is broken. 1 in the baseline." in done.stdout) == (0, True)


def test_a_known_finding_cannot_be_swapped_for_another(bad: Path, tmp_path: Path) -> None:
    """The new one counts, and that the old one is gone is told."""
    baseline = tmp_path / "baseline.json"
    _run("check", bad, "--format", "json", "--output", baseline)
    file = bad / "docker/Dockerfile"
    file.write_text(file.read_text().replace("FROM python:3.12-slim\n", "FROM python:3.13-slim\n"))
    done = _run("check", bad, "--baseline", baseline)
    assert (done.returncode, "1 finding in 1 file: IMG 1. 1 of the baseline gone." in done.stdout) == (1, True)


def test_only_changed_lines_are_told(bad: Path, tmp_path: Path) -> None:
    """Of a diff that touches the line, or another."""
    diff = "--- a/docker/Dockerfile\n+++ b/docker/Dockerfile\n@@ -{0},1 +{0},1 @@\n-a\n+b\n"
    codes = []
    for line in (6, 3):
        (tmp_path / "x.diff").write_text(diff.format(line))
        codes.append(_run("check", bad, "--diff", tmp_path / "x.diff").returncode)
    assert codes == [1, 0]


@pytest.mark.parametrize(
    ("options", "code"), [(("--select", "IMG"), 1), (("--select", "WFL"), 0), (("--ignore", "img015"), 0)]
)
def test_rules_are_chosen(bad: Path, options: tuple[str, ...], code: int) -> None:
    """By family and by ID, in any case."""
    assert _run("check", bad, *options).returncode == code


@pytest.mark.parametrize("form", ["text", "json", "sarif", "markdown", "junit"])
def test_every_report_leads_to_a_rule_by_the_address_that_chooses_no_language(bad: Path, form: str) -> None:
    """Whichever language a report is written in, who reads it may read another."""
    told = _run("check", bad, "--format", form).stdout
    assert set(re.findall(r"https://apparch\.example/\w[\w/]+", told)) == {"https://apparch.example/r/IMG015"}


def test_a_report_goes_into_a_file(bad: Path, tmp_path: Path) -> None:
    """And nothing to standard output."""
    done = _run("check", bad, "--format", "sarif", "--output", tmp_path / "new/x.sarif")
    assert (done.returncode, done.stdout, json.loads((tmp_path / "new/x.sarif").read_text())["version"]) == (
        1,
        "",
        "2.1.0",
    )


def test_a_reader_that_has_enough_is_no_fault(bad: Path) -> None:
    """As with `| head`."""
    command = f"{sys.executable} -m apparch check {bad} --format json | head -1"
    environ = os.environ | {"PYTHONPATH": str(Path("src").resolve())}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environ, check=False)
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_nothing_of_the_repository_is_run_or_changed(app: Path) -> None:
    """No module of it is imported, no bytecode is left behind."""
    (app / "sitecustomize.py").write_text("open('ran', 'w')\n")
    (app / "src/orders/server.py").write_text("open('ran', 'w')\n")
    before = sorted(path.relative_to(app) for path in app.rglob("*"))
    _run("check", app)
    assert sorted(path.relative_to(app) for path in app.rglob("*")) == before


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_knows_the_commands(shell: str) -> None:
    """For each shell."""
    done = _run("completion", shell)
    assert (done.returncode, all(each in done.stdout for each in ("check", "contract", "--baseline"))) == (0, True)


def test_a_rule_is_explained() -> None:
    """Title, level, statement, reason, repair, address."""
    shown = _run("rule", "img015").stdout
    told = [
        "IMG015  Base images are pinned by digest",
        "MUST, app, Images and tags",
        "https://apparch.example/r/IMG015",
    ]
    assert [line for line in told if line not in shown.splitlines()] == []


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("base digest", "IMG015"),
        ("다이제스트 베이스", "IMG015"),
        ("kubectl apply", "WFL001"),
        ("컨피그맵을 누가 채우나", "ENV011"),
    ],
)
def test_rules_are_found_by_what_people_call_them(words: str, rule: str) -> None:
    """In either language, in whatever form a word stands, the likeliest first."""
    assert rule in [line.split()[0] for line in _run("rule", "--search", words).stdout.splitlines()[:3]]


def test_a_search_stays_in_what_is_named() -> None:
    """And finds nothing where no rule of it holds a word."""
    assert {line[:3] for line in _run("rule", "img", "--search", "digest").stdout.splitlines()} == {"IMG"}
    assert [_run("rule", given, "--search", "qwxyz").stdout for given in ("img", "IMG002")] == ["", ""]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/orders/server.py", "src/orders/server.py: App repo (OWN003)"),
        ("k8s/base/deployments/app.yaml", "k8s/base/deployments/app.yaml: Deploy repo (OWN008)"),
        (
            "deploy/overlays/prod/patches/replicas.yaml",
            "deploy/overlays/prod/patches/replicas.yaml: Deploy repo (OWN024)",
        ),
        ("docker-compose.yml", "docker-compose.yml: in neither repo (OWN011)"),
        ("config/.env.example", "config/.env.example: App repo (ENV002)"),
        ("x", "x: its name does not tell; ask the four questions in turn"),
    ],
)
def test_a_path_has_an_owner(path: str, line: str) -> None:
    """With the rule that says so, and the four questions."""
    assert _run("owner", path).stdout.splitlines()[0] == line


def test_a_change_of_both_repos_is_to_be_split() -> None:
    """It ends with 1 and says so."""
    done = _run("owner", "src/a.py", "k8s/a.yaml")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "It holds files of both repos; split the change.")


def test_a_waiver_is_added_and_accepts(bad: Path) -> None:
    """The next check is clean."""
    given = ("--rule", "IMG015", "--at", "docker/*", "--owner", "ops", "--reason", "soon", "--until", "2999-01-01")
    codes = [_run("waive", bad, *given).returncode, _run("check", bad).returncode]
    assert codes == [0, 0]


def test_nothing_is_written_through_a_link(bad: Path, tmp_path: Path) -> None:
    """A repository cannot have a file outside of it changed."""
    outside = tmp_path / "outside.yaml"
    outside.write_text("waivers: []\n")
    (bad / "config/apparch.yaml").symlink_to(outside)
    given = ("--rule", "IMG015", "--at", "*", "--owner", "o", "--reason", "r", "--until", "2999-01-01")
    assert (_run("waive", bad, *given).returncode, outside.read_text()) == (2, "waivers: []\n")
