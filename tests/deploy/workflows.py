"""What the Deploy repo's workflows do: their jobs and steps, what starts them, and what they deploy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kube import DEPLOY
from tests.release.triggers import read

from apparch.repository.workflow import meant

FOLDER = DEPLOY / ".github" / "workflows"

SCRIPT = re.compile(
    r"_shared/scripts/(deploy/(?:apply|restart|rollback)|migrate/run|env/apply-sops)\.sh(?P<rest>[^\n]*)"
)
OTHER_WAY = re.compile(r"\bkubectl\b[^\n]*\bapply\b|\bhelm\s+(upgrade|install)\b|\bargocd\s+app\s+sync\b")


@dataclass(frozen=True)
class Step:
    """One step, with the job and the workflow around it."""

    workflow: str
    on: Mapping[str, Any]
    job: Mapping[str, Any]
    here: Mapping[str, Any]
    environment: Mapping[str, Any]
    """The variables that it runs with: the workflow's, the job's, its own."""

    @property
    def run(self) -> str:
        """The script that it runs; empty where it uses an action."""
        return str(self.here.get("run", ""))

    @property
    def deploys(self) -> bool:
        """Whether it changes a cluster: a deploy script, an apply, a release or a sync; --dry-run changes nothing."""
        scripts = any("--dry-run" not in match["rest"] for match in SCRIPT.finditer(self.run))
        return scripts or OTHER_WAY.search(self.run) is not None

    @property
    def target(self) -> str:
        """The environment that it deploys; empty where no variable says so."""
        inline = re.search(r"\bENVIRONMENT=(\w+)", self.run)
        return inline[1] if inline else str(self.environment.get("ENVIRONMENT", ""))

    @property
    def can_fail(self) -> bool:
        """Whether the run fails with it: neither it nor its job goes on after an error."""
        return not (self.here.get("continue-on-error") or self.job.get("continue-on-error"))


def workflow_files() -> list[Path]:
    """Every workflow."""
    return sorted(f for suffix in ("yml", "yaml") for f in FOLDER.glob(f"*.{suffix}"))


def steps(*names: str) -> Iterator[Step]:
    """Every step of the named workflows, or of all."""
    for file in workflow_files():
        if not names or file.stem in names:
            workflow = read(file.read_text())
            on = {each.name: each.filters.plain or {} for each in workflow.triggers}
            for each in workflow.steps:
                around = {name: node.plain for name, node in each.environment.items()}
                job: Any = each.job.node.plain if each.job else {}
                here: Any = each.node.plain
                yield Step(file.stem, on, job, here, around)


def taken(event: Mapping[str, Any], paths: list[str]) -> list[str]:
    """The paths whose change alone starts a workflow that listens to the event with these filters."""
    wanted, left_out = event.get("paths"), event.get("paths-ignore", [])
    found = paths if wanted is None else [path for path in paths if meant(wanted, path)]
    return [path for path in found if not meant(left_out, path)]
