"""Texts over which patterns could go back and forth for minutes are judged as short ones are."""

from __future__ import annotations

import pytest

from apparch.assess import Options, assess
from apparch.repository import Repository

IMAGE = {"docker/Dockerfile": 'FROM x\nCOPY . /a\nCMD ["a"]\n'}
FILES = ("Makefile", "src/index.js", "src/main.rs", "Program.cs", "src/app/__main__.py")
LINES = {"blank": "\n", "spaces": " ", "targets": "t:\n\techo a\n", "calls": "app.get('/a', \n"}
"""What is repeated."""


def told(text: str) -> set[str]:
    """The rules that are broken where each file holds this."""
    report = assess(Repository.of({**IMAGE, **dict.fromkeys(FILES, text)}), Options(kind="app"))
    return {result.finding.rule for result in report.results}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_what_is_repeated_many_times_is_judged_as_what_stands_twice(line: str) -> None:
    """No pattern begins anew at each line what goes on over all of them."""
    assert told(line * 2) == told(line * (150_000 // len(line)))
