"""One changed line of the Dockerfile, a workflow or a script turns the rule red that it breaks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import tests.release.script_judges
import tests.release.workflow_judges  # noqa: F401 - both enter their judges
import yaml
from tests.release.judges import JUDGES, verdict
from tests.release.repository import app_files
from tests.release.rows import ROWS, execute, race
from tests.release.runner import MakeRunner

MUTATIONS = yaml.safe_load((Path(__file__).parent / "mutations.yaml").read_text("utf-8"))
BY_FILES = [mutation for mutation in MUTATIONS if "by" not in mutation]
BY_RUNNING = [mutation for mutation in MUTATIONS if "by" in mutation]
FILES = app_files()


def changed(mutation: Mapping[str, str]) -> dict[str, str]:
    """The files with one line changed; the line is looked for without its indentation and must be there."""
    lines = FILES[mutation["file"]].splitlines()
    places = [number for number, line in enumerate(lines) if line.strip() == mutation["line"]]
    lines[places[int(mutation.get("nth", 1)) - 1]] = mutation["becomes"]
    return {**FILES, mutation["file"]: "\n".join(lines) + "\n"}


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule, marks=pytest.mark.rule(rule)) for rule in sorted(JUDGES)])
def test_the_reference_app_keeps_the_rule(rule: str) -> None:
    """Its judges find nothing in the files as they stand."""
    assert verdict(rule, FILES) == []


@pytest.mark.parametrize("mutation", [pytest.param(m, id=m["id"], marks=pytest.mark.rule(m["rule"])) for m in BY_FILES])
def test_the_files_judge_notices_the_change(mutation: Mapping[str, str]) -> None:
    """The judge of the rule that the change breaks has something to say."""
    assert verdict(mutation["rule"], changed(mutation)) != []


@pytest.mark.parametrize(
    "mutation", [pytest.param(m, id=m["id"], marks=pytest.mark.rule(m["rule"])) for m in BY_RUNNING]
)
def test_the_run_notices_the_change(mutation: Mapping[str, str], mutated: MakeRunner) -> None:
    """The row, or the race, ends otherwise than it does with the files as they stand."""
    runner = mutated(changed(mutation))
    rows = {row["id"]: row for row in ROWS}
    assert (race(runner) if mutation["by"] == "race" else execute(rows[mutation["by"]], runner)) != []


def test_every_judge_is_provoked() -> None:
    """No rule has a judge that no change in the list turns red."""
    assert {mutation["rule"] for mutation in MUTATIONS} >= set(JUDGES)


def test_there_are_enough_changes_each_with_a_name_of_its_own() -> None:
    """Thirty and more, over the Dockerfile, the workflows and the scripts."""
    assert len({mutation["id"] for mutation in MUTATIONS}) == len(MUTATIONS) >= 30
