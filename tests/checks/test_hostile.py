"""Whatever a repository holds, it is judged or said to be unreadable: nothing raises, follows, runs or leaks."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.checks.examples import RULES

from apparch.assess import UNREADABLE, assess
from apparch.report.github import as_github
from apparch.report.json_report import as_json
from apparch.report.sarif import as_sarif
from apparch.report.text import as_text
from apparch.repository import Repository

pytestmark = pytest.mark.long

JUNK = (
    "\x00",
    "\ufeff",
    "&a [*a]",
    "{{ x }}",
    "<<: *x",
    "!!python/object:os.system x",
    "${{",
    "<<EOF\n",
    "\\\n",
    "'",
    '"',
    "- ",
    "\t",
    "]" * 200,
    "[" * 200,
    "a: " * 40,
    "\U0001f600",
    "\x1b[31m",
)


@cache
def _bases() -> tuple[dict[str, bytes], ...]:
    return tuple(
        {
            path.relative_to(RULES / base).as_posix(): path.read_bytes()
            for path in sorted((RULES / base).rglob("*"))
            if path.is_file()
        }
        for base in ("app", "deploy")
    )


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, bytes]:
    """A clean tree with some of its files cut, repeated, garbled, renamed or made of bytes that are no text."""
    files = dict(draw(st.sampled_from(_bases())))
    for path in draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=6, unique=True)):
        text = files[path]
        at = draw(st.integers(0, len(text)))
        match draw(st.integers(0, 5)):
            case 0:
                files[path] = text[:at]
            case 1:
                files[path] = text[:at] + draw(st.sampled_from(JUNK)).encode() + text[at:]
            case 2:
                files[path] = text[at:] + text[:at]
            case 3:
                files[path] = draw(st.binary(max_size=60))
            case 4:
                files[f"{path}{draw(st.sampled_from(['.bak', '/x', ' ', chr(10), '.j2']))}"] = files.pop(path)
            case 5:
                lines = text.splitlines(keepends=True)
                draw(st.randoms(use_true_random=False)).shuffle(lines)
                files[path] = b"".join(lines)
    return files


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_a_garbled_repository_is_judged(files: dict[str, bytes]) -> None:
    """Every form of report is made of it."""
    report = assess(Repository.of(files))
    assert [bool(as_text(report)), bool(as_json(report)), as_github(report).count("\n")] == [
        True,
        True,
        len(report.new),
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/orders/server.py", "def broken(:\n"),
        ("pyproject.toml", "[project\n"),
        (".github/workflows/test.yml", "on: [push\n"),
        ("docker/Dockerfile", "FROM\nNOT AN INSTRUCTION\n"),
        ("config/settings.schema.json", "{"),
    ],
)
def test_a_file_that_is_broken_is_one_finding(path: str, text: str) -> None:
    """Of the file, and no judge tells a fault that is not there."""
    files = {**_bases()[0], path: text.encode()}
    found = [(each.finding.rule, each.finding.place.path) for each in assess(Repository.of(files)).results]
    assert found == [(UNREADABLE, path)]


def test_aliases_that_multiply_are_refused() -> None:
    """A few lines that would be a million nodes."""
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(8)
    )
    report = assess(Repository.of({**_bases()[0], ".github/workflows/test.yml": bomb.encode()}))
    assert UNREADABLE in {each.finding.rule for each in report.results}


def test_links_pipes_and_unreadable_files_are_left_alone(tmp_path: Path) -> None:
    """Nothing outside is read, nothing waits for a writer."""
    for path, content in _bases()[0].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "src/orders/secret.py").symlink_to("/etc/passwd")
    (tmp_path / "src/orders/up").symlink_to("..")
    os.mkfifo(tmp_path / "src/orders/pipe.py")
    assert [each.finding.rule for each in assess(Repository(tmp_path)).results] == []


def test_a_name_may_hold_anything_that_a_name_can(tmp_path: Path) -> None:
    """Line ends, escapes, bytes that are no text."""
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/Dockerfile").write_text("FROM python:3\n")
    (tmp_path / "main.py").write_text("print()\n")
    for name in (b"a\nb.py", b"\x1b[31m.yaml", b"\xff\xfe.py", b"-rf", "한글.md".encode()):
        (tmp_path / os.fsdecode(name)).write_text("x\n")
    report = assess(Repository(tmp_path))
    shown = as_text(report)
    assert json.loads(as_sarif(report, "https://x/"))["version"] == "2.1.0"
    assert [sign for sign in shown if sign != "\n" and not sign.isprintable()] == []
