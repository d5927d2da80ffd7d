"""The dialects of .env files, each beside the real thing where that can run."""

from __future__ import annotations

import io
import logging
import subprocess

import dotenv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apparch.repository import Problem
from apparch.repository.dialects import Dialect, differing, parse_env

CASES = [
    "A=1\nB='x y'\nC=\"x\\ny\"\n",
    "A=1 # comment\nB=1#none\nC= # comment\nD=#none\n",
    "export A=1\n  B = 2\n'C'=3\nD\nE=\n",
    "A='it\\'s'\nB=\"a\nb\"\nC=\"open\nD=4\n",
    "# A=1\n\n\nA=1\r\nB=2\rC=3",
    "A=1=2\n=x\nB=${A}\nC=a\\nb\nA=2\n",
    "\ufeffA=1\n",
    'A="x" y\nB=3\n',
]


def values(text: str, dialect: Dialect) -> dict[str, str] | None:
    """What a dialect makes of a text; None where it refuses it."""
    found = parse_env(text, "f", dialect)
    return None if isinstance(found, Problem) else {each.name: each.value for each in found}


def real(text: str) -> dict[str, str]:
    """What python-dotenv makes of it."""
    logging.getLogger("dotenv.main").disabled = True
    found = dotenv.dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize("text", CASES)
def test_python_dotenv_is_read_as_it_reads(text: str) -> None:
    """Quotes, escapes, comments, lines that it skips."""
    assert values(text, "python-dotenv") == real(text)


@given(st.text(alphabet="AB='\"# \n\r\\nexport\t\ufeff", max_size=40) | st.text(max_size=30))
@settings(max_examples=200)
def test_whatever_python_dotenv_reads_is_read_alike(text: str) -> None:
    """Compared on generated texts."""
    assert values(text, "python-dotenv") == real(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=1 # kept\n", {"A": "1 # kept"}),
        ("A='x'\nB=\"y\" \n", {"A": "'x'", "B": '"y" '}),
        ("  A=1\n# c\n\nB\nC=\n", {"A": "1", "C": ""}),
        ("export A=1\n", None),
        ("A =1\n", None),
        ("=1\n", None),
        ("A=1\r\n", {"A": "1"}),
    ],
)
def test_docker_takes_values_as_they_stand(text: str, found: dict[str, str] | None) -> None:
    """As its reference says: nothing is unquoted, only a whole line is a comment, a name alone comes from outside."""
    assert values(text, "docker") == found


SHELL = [
    "A=1 # c\nB='x y'\nexport C=\"a'b\" D=2\n",
    "A=a\\ b\nB=\"a\\\\b\"'c'\n",
    "A=1;B=2\nA=3\n",
    "A=x#y\nB=\n",
    "A=1=2\n",
]


@pytest.mark.parametrize("text", SHELL)
def test_a_shell_is_read_as_it_reads(text: str) -> None:
    """Beside bash, which puts the same values into its environment."""
    script = f"set -a\n{text}\nenv -0\n"
    done = subprocess.run(["env", "-i", "/bin/bash", "-c", script], capture_output=True, text=True, check=True)
    printed = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
    assert values(text, "shell") == {name: printed[name] for name in printed if len(name) == 1 and name != "_"}


@pytest.mark.parametrize("text", ["rm -rf x\n", "A=1 b\n", "export 1=2\n"])
def test_what_a_shell_would_run_is_a_problem(text: str) -> None:
    """A file that is sourced is a script."""
    assert values(text, "shell") is None


def test_what_dialects_read_differently_is_told() -> None:
    """A comment behind a value is the usual case."""
    assert differing("A=1\nB=2 # two\n", "f") == {
        "B": {"python-dotenv": "2", "docker": "2 # two", "kustomize": "2 # two", "shell": "2"}
    }
