"""What the oldest releases of a supported Python get wrong is not used."""

from __future__ import annotations

import ast
import re
import subprocess
import warnings
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from tests.setup.machine import ROOT

BROKEN_BEFORE_3_11_5 = (_constants.POSSESSIVE_REPEAT, _constants.ATOMIC_GROUP)


def is_possessive(pattern: str) -> bool:
    """Whether the text, read as a pattern, holds a group that gives nothing back."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return any(_groups(_parser.parse(pattern)))
    except (re.error, OverflowError, RecursionError):
        return False


def _groups(tree: Any) -> list[bool]:
    found: list[bool] = []
    for operator, argument in tree:
        parts = argument if isinstance(argument, tuple) else (argument,)
        inner = [part for part in parts if isinstance(part, _parser.SubPattern)]
        branches = [each for part in parts if isinstance(part, list) for each in part]
        inner += [each for each in branches if isinstance(each, _parser.SubPattern)]
        # One character that is repeated is matched well; a group is not.
        found.append(operator in BROKEN_BEFORE_3_11_5 and any(len(each) != 1 or each[0][0] in GROUPS for each in inner))
        found += [flag for each in inner for flag in _groups(each)]
    return found


GROUPS = (_constants.SUBPATTERN, _constants.BRANCH, _constants.MAX_REPEAT, _constants.MIN_REPEAT)
PATTERNS = {
    r"\d+(?:\.\d+)*+": True,
    r"(?>a+b)": True,
    r"[^\n]++$": False,
    "C++": False,
    r"(a|b(?:cd|e)*+)": True,
    "a)": False,
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_possessive_group_is_noticed(pattern: str) -> None:
    """Wherever it stands; a repeated character alone is none."""
    assert is_possessive(pattern) == PATTERNS[pattern]


def test_no_pattern_has_a_possessive_group() -> None:
    """Python 3.11.2 of Debian 12 takes one character too many for them."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / line for line in listed.split() if line != str(Path(__file__).relative_to(ROOT))]
    assert len(files) > 200
    assert [f"{file.relative_to(ROOT)}:{line}" for file in files for line in possessive(file)] == []


def possessive(file: Path) -> list[int]:
    """The lines of a file where a text is such a pattern."""
    texts = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant))
    return [
        text.lineno
        for text in texts
        if isinstance(text.value, str) and re.search(r"[*+?}]\+|\(\?>", text.value) and is_possessive(text.value)
    ]
