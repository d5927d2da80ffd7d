"""The breaches are well written, and every proved rule has three of different kinds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from tests.breaches.coverage import lacking, missing, needing, shrink
from tests.breaches.workspace import CannotEdit, Workspace

from apparch.catalogue import load_catalogue
from apparch.pages.breaches import read_breaches

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = load_catalogue()
READ = read_breaches(ROOT, CATALOGUE.rules)
MISSING = missing()
LEDGER: dict[str, object] = yaml.safe_load((ROOT / "docs/ledger.yaml").read_text("utf-8"))["not_yet"]


def test_every_breach_has_its_form() -> None:
    """Nothing is misspelt, unknown, or written twice."""
    assert READ.problems == ()


def test_every_edit_fits_the_files(workspace: Workspace) -> None:
    """Each text to be replaced is there, and once unless it is said which."""
    problems = []
    for breach in READ.all:
        try:
            with workspace.broken_by(breach):
                pass
        except CannotEdit as error:
            problems.append(f"{breach.file}: {breach.id}: {error}")
    assert problems == []


@pytest.mark.xdist_group("breaches of allowed 0")
def test_every_named_proof_is_marked_with_its_rule(marks: Mapping[str, tuple[str, ...]]) -> None:
    """A proof of another rule proves nothing of this one."""
    wrong = []
    for breach in READ.all:
        if breach.noticed_by is None:
            continue
        named = [rules for test, rules in marks.items() if breach.noticed_by in (test, test.partition("[")[0])]
        if not named:
            wrong.append(f"{breach.file}: {breach.id}: there is no test {breach.noticed_by}; `find` it again")
        elif not breach.prose and not any(breach.subject in rules for rules in named):
            wrong.append(f"{breach.file}: {breach.id}: {breach.noticed_by} is not marked with {breach.subject}")
    assert wrong == []


def test_every_proved_rule_has_three_breaches_of_different_kinds() -> None:
    """Save those in missing.yaml, each was noticed by a proof of the rule."""
    needed = needing(CATALOGUE, LEDGER)
    assert {rule: why for rule, why in lacking(needed, READ.all).items() if rule not in MISSING} == {}


def test_the_list_of_what_is_missing_only_shrinks() -> None:
    """No rule stands in it that has its three."""
    lacks = lacking(CATALOGUE.rules, READ.all)
    assert [rule for rule in MISSING if rule not in lacks] == []
    assert sorted(set(MISSING)) == MISSING


def test_the_list_is_shortened_line_by_line(tmp_path: Path) -> None:
    """Only what has its three is taken out; what is said above stays."""
    file = tmp_path / "missing.yaml"
    file.write_text("# Why.\n- IMG001\n- IMG002\n", "utf-8")
    shrink({"IMG002"}, file)
    assert file.read_text("utf-8") == "# Why.\n- IMG002\n"
    shrink(set(), file)
    assert (file.read_text("utf-8"), missing(file)) == ("# Why.\n", [])
