"""What only looks like a breach is not told, and what it looks like is."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.checks.examples import RULES

from apparch.assess import Options, assess
from apparch.catalogue import load_catalogue, yaml_text
from apparch.kinds import Kind
from apparch.pages.written.examples import files_below
from apparch.repository import Repository

FILES = sorted((Path(__file__).parent / "near_misses").glob("*.yaml"))
CASES: list[dict[str, Any]] = [each for file in FILES for each in yaml_text.read(file.read_text("utf-8"))]


def _named(case: dict[str, Any]) -> str:
    return f"{case['rule']}-{case['near']}"


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_a_near_miss_is_not_told(case: dict[str, Any]) -> None:
    """The rule is judged and says nothing."""
    assert _told(case, case["files"]) == []


@pytest.mark.parametrize("case", [each for each in CASES if "told" in each], ids=_named)
def test_what_it_is_near_is_told(case: dict[str, Any]) -> None:
    """With some of its files otherwise, the rule is told."""
    assert set(_told(case, {**case["files"], **case["told"]})) == {case["rule"]}


def _told(case: dict[str, Any], files: dict[str, str | None]) -> list[str]:
    """The rules that are told of the case's files over its base; None takes a file away."""
    rule = load_catalogue().rules.get(case["rule"])
    kind: Kind = "deploy" if rule and rule.owner == "deploy" else "app"
    base = case.get("base", kind)
    under = _base(base) if base != "none" else {}
    tree = {path: text for path, text in {**under, **files}.items() if text is not None}
    results = assess(Repository.of(tree), Options(kind=kind, select=(rule.id,) if rule else ())).results
    return [each.finding.rule for each in results if each.finding.rule == case["rule"]]


@cache
def _base(name: str) -> dict[str, bytes]:
    return files_below(RULES / name)
