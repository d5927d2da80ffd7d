"""The runbooks: one for each kind of trouble, whose steps leave nothing out that must follow."""

from __future__ import annotations

import re

import pytest
from tests.kube import DEPLOY

RUNBOOKS = sorted((DEPLOY / "docs" / "runbooks").glob("*.md"))

PURPOSES = {
    "a container that restarts": r"logs .*--previous",
    "a container out of memory": r"kubectl[\s\S]*(leak|limit)",
    "a deploy": r"deploy/set-tag\.sh[\s\S]*deploy/apply\.sh",
    "a rollback": r"git revert[\s\S]*deploy/rollback\.sh",
    "the care of nodes": r"kubectl .* drain [\s\S]*kubectl .* uncordon",
    "a backup": r"backup/cluster\.sh",
    "a restore": r"k3s/install\.sh[\s\S]*deploy/apply\.sh",
}
ABOUT = {"a container that restarts": r"restart", "a container out of memory": r"OOMKilled"}


@pytest.mark.rule("MAN015")
@pytest.mark.parametrize("purpose", PURPOSES)
def test_there_is_a_runbook_for_each_kind_of_trouble(purpose: str) -> None:
    """Some runbook is about it and has, in its steps, what a procedure for it cannot do without."""
    found = [f.read_text() for f in RUNBOOKS]
    about = [text for text in found if re.search(ABOUT.get(purpose, ""), text)]
    assert [text for text in about if re.search(PURPOSES[purpose], "\n".join(steps(text)))]


def steps(text: str) -> list[str]:
    """The numbered, listed and tabled lines of a runbook with those that continue them, and its commands."""
    return re.findall(r"(?m)^(?:\d+\.|- |\||\$ ).*(?:\n {2,}.*)*", text)


@pytest.mark.rule("GOP007")
def test_a_rollback_is_a_revert_and_an_undo_is_followed_by_one() -> None:
    """The way back begins with git revert; a step that has the rollout undone has it reverted as well."""
    texts = [f.read_text() for f in [*RUNBOOKS, DEPLOY / "README.md"]]
    undo = re.compile(r"rollout undo|^ *\$.*deploy/rollback\.sh", re.MULTILINE)
    undoing = [step for text in texts for step in re.split(r"(?m)^(?=\d+\. |## )", text) if undo.search(step)]
    assert [step for step in undoing if not re.search(r"\brevert", step)] == []
    assert undoing
    way_back = [text for text in texts if re.search(r"(?m)^## Go back$", text)]
    assert [re.search(r"## Go back\n+\W*1\. .*`git revert\b", text) is not None for text in way_back] == [True]


@pytest.mark.rule("SEC006")
def test_rotating_a_secret_ends_with_the_restart() -> None:
    """Seal, commit, apply, restart, in this order, in the one step that is about it."""
    rotating = [step for f in RUNBOOKS for step in steps(f.read_text()) if "Rotate a secret" in step]
    assert len(rotating) == 1
    assert re.search(r"env/seal\.sh[\s\S]*commit[\s\S]*apply[\s\S]*deploy/restart\.sh", rotating[0])


def test_the_scripts_that_runbooks_name_exist() -> None:
    """No runbook sends its reader to a script that is not there."""
    named = [path for f in RUNBOOKS for path in re.findall(r"_shared/scripts/[\w/-]+\.sh", f.read_text())]
    assert len(named) > 5
    assert [path for path in named if not (DEPLOY / path).is_file()] == []


def test_the_readme_leads_to_every_runbook_and_directory() -> None:
    """What lies in the repository is in its table of contents."""
    readme = (DEPLOY / "README.md").read_text()
    directories = [each for pattern in ("k8s/*/", "_shared/*/", "_shared/scripts/*/") for each in DEPLOY.glob(pattern)]
    named = [f"{each.relative_to(DEPLOY)}/" for each in directories if each.name != "lib"]
    assert [each for each in named + [f"docs/runbooks/{f.name}" for f in RUNBOOKS] if each not in readme] == []
