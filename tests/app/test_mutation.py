"""The mutation benchmark finds what tests miss, and demands a reason for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import _report
from benchmarks.mutation import Mutant, all_modules, changed_line, mutate, read_reasons, report

LIVING = Mutant("shared/chunks", "survived", "if size < 1:", "if size < 2:")
DEAD = Mutant("shared/chunks", "killed")


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The published figures are left alone."""
    monkeypatch.setattr(_report, "FOLDER", tmp_path)


def test_no_mutant_of_a_small_module_lives() -> None:
    """mutmut runs here, and the tests of the chunks kill everything that it makes of them."""
    mutants = mutate("shared/chunks")
    assert len(mutants) >= 8
    assert report(mutants, {}) == 0


def test_a_survivor_needs_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """One of twenty lives: the share is enough, the missing reason is not."""
    assert report([LIVING] + [DEAD] * 19, {}) == 1
    assert "lives without a reason (survived): shared/chunks\n  - if size < 1:" in capsys.readouterr().out
    assert report([LIVING] + [DEAD] * 19, {LIVING.key: "because"}) == 0


def test_a_reason_needs_a_survivor(capsys: pytest.CaptureFixture[str]) -> None:
    """A reason whose mutant is dead by now is taken out of the list."""
    assert report([DEAD] * 20, {LIVING.key: "because"}) == 1
    assert "has a reason but does not live: shared/chunks" in capsys.readouterr().out


def test_too_many_survivors_are_red_whatever_their_reasons() -> None:
    """Nine tenths must die."""
    assert report([LIVING] + [DEAD] * 8, {LIVING.key: "because"}) == 1
    assert report([LIVING] + [DEAD] * 9, {LIVING.key: "because"}) == 0


def test_a_mutant_without_a_test_lives() -> None:
    """Code that no test reaches counts against the share."""
    assert report([Mutant("shared/chunks", "no tests")] * 2 + [DEAD] * 8, {("shared/chunks", "", ""): "because"}) == 1


def test_the_changed_line_is_read_from_a_diff() -> None:
    """The first line out and the first line in name a mutant."""
    diff = "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n     x\n-    if size < 1:\n+    if size < 2:\n"
    assert changed_line(diff) == ("if size < 1:", "if size < 2:")


def test_a_module_without_functions_is_left_out() -> None:
    """mutmut stops at a file that it makes no mutant of."""
    modules = all_modules()
    assert {"orders/store", "shared/chunks", "__main__"} <= set(modules)
    assert [module for module in modules if module.endswith(("orders/sql", "__init__"))] == []


def test_every_reason_is_about_a_module_of_the_app() -> None:
    """A list that names a file that is gone is out of date."""
    modules = set(all_modules())
    assert {module for module, _, _ in read_reasons()} <= modules
    assert all(read_reasons().values())
