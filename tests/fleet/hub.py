"""A host on this machine: bare Git repositories that are really cloned and pushed to, and the scripts of a job."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from apparch.cli import main

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / ".github/fleet"
sys.path.insert(0, str(SCRIPTS))
import checkout  # noqa: E402
import propose  # noqa: E402

JOB = yaml.safe_load((ROOT / ".github/workflows/fleet.yml").read_text("utf-8"))["jobs"]["each"]
"""The job that works on repositories, with the folders that it names."""
BRANCH = "apparch/template"
PERSON, ROBOT = "somebody@example", "apparch@users.noreply.github.com"


@dataclass(frozen=True)
class Ran:
    """What a run of a job's steps left behind."""

    code: int
    log: str
    update: Mapping[str, Any] | None
    """What came of the repository."""


@dataclass(frozen=True)
class Hub:
    """The host, and the runner's folders; a run is a new runner each time."""

    folder: Path
    template: str
    """The bare repository of the template."""

    def __post_init__(self) -> None:
        (self.folder / "bin").mkdir(parents=True)
        shutil.copy(Path(__file__).with_name("gh"), self.folder / "bin/gh")
        self.answers(1000)

    def answers(self, count: int) -> None:
        """How often the host answers before it limits."""
        (self.folder / "answers").write_text(str(count))

    def publish(self, name: str, checkout: Path) -> None:
        """Make a repository of the host from one on this machine, and list it."""
        bare = self.folder / f"team/{name}.git"
        self.git(checkout, "clone", "--quiet", "--bare", ".", str(bare))
        lines = ["repositories:", *(f"  - {{name: {each.stem}, url: {each.as_uri()}}}"
                                    for each in sorted(bare.parent.iterdir()))]  # fmt: skip
        (self.folder / "fleet.yaml").write_text("\n".join(lines) + "\n")

    def git(self, folder: Path, *arguments: str, who: str = PERSON) -> str:
        """Git as a person has it."""
        environ = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            **{f"GIT_{role}_{what}": who for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout.strip()

    def remote(self, name: str, *arguments: str) -> str:
        """Git in a repository of the host."""
        return self.git(self.folder / f"team/{name}.git", *arguments)

    def push(self, name: str, branch: str, file: str, text: str, who: str = PERSON) -> str:
        """A commit on a branch of the host's; its ID."""
        checkout = self.folder / "person"
        shutil.rmtree(checkout, ignore_errors=True)
        bare = self.folder / f"team/{name}.git"
        self.git(self.folder, "clone", "--quiet", "--branch", branch, str(bare), str(checkout))
        (checkout / file).write_text(text)
        self.git(checkout, "add", "--all")
        self.git(checkout, "commit", "--quiet", "-m", "By hand", who=who)
        self.git(checkout, "push", "--quiet", "origin", branch)
        return self.git(checkout, "rev-parse", "HEAD")

    @property
    def pull_requests(self) -> list[dict[str, Any]]:
        """All that the host has of branches of its own."""
        file = self.folder / "pulls.json"
        known = json.loads(file.read_text()) if file.exists() else []
        return [each for each in known if not each["isCrossRepository"]]

    def add(self, name: str, title: str, **given: Any) -> dict[str, Any]:
        """Give a repository a pull request that was there before."""
        pull = {
            "repo": f"team/{name}",
            "number": 90,
            "state": "OPEN",
            "url": "https://git.example/90",
            "head": BRANCH,
            "base": "main",
            "title": title,
            "body": "",
            "edits": 0,
            "isCrossRepository": False,
            **given,
        }
        (self.folder / "pulls.json").write_text(json.dumps([*self.pull_requests, pull]))
        return pull

    def close(self, name: str) -> None:
        """Close every pull request of a repository."""
        closed = [
            each | {"state": "CLOSED"} if each["repo"].endswith(f"/{name}") else each for each in self.pull_requests
        ]
        (self.folder / "pulls.json").write_text(json.dumps(closed))

    def job(self, name: str, steps: Sequence[str] = ("checkout", "judge", "propose"), **variables: str) -> Ran:
        """Run a job's scripts for one repository, as the workflow does, on a new runner."""
        runner = self._runner()
        log, code = "", 0
        for step in steps:
            done = subprocess.run(
                [SCRIPTS / step],
                cwd=runner,
                env=self._environ(name) | variables,
                capture_output=True,
                text=True,
                check=False,
            )
            log, code = log + done.stdout + done.stderr, done.returncode
            if code:
                break
        return self._ran(name, code, log)

    def job_within(self, name: str) -> Ran:
        """The same by the functions that the scripts call, in this process: what it saves is Python's start."""
        runner = self._runner()
        out = io.StringIO()
        with chdir(runner), mock.patch.dict(os.environ, self._environ(name), clear=True), redirect_stdout(out):
            checkout.main()
            judged = ["--checkouts", JOB["env"]["CHECKOUTS"], "--template", f"{runner}/template", "--only", name]
            result = ["--format", "json", "--output", f"{JOB['env']['RESULTS']}/{name}.json"]
            if not (runner / "template").exists():
                self.git(runner, "clone", "--quiet", self.template, "template")
            main(["fleet", "--inventory", str(self.folder / "fleet.yaml"), *judged, *result])
            code = propose.main()
        return self._ran(name, code, out.getvalue())

    def _runner(self) -> Path:
        runner = self.folder / "runner"
        shutil.rmtree(runner / "checkouts", ignore_errors=True)
        for program, module in (("python", ""), ("apparch", "-m apparch")):
            file = runner / "apparch/bin" / program
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
            file.chmod(0o755)
        return runner

    def _environ(self, name: str) -> dict[str, str]:
        runner = self.folder / "runner"
        return {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "HOME": str(runner),
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "RUNNER_TEMP": str(runner),
            "INVENTORY": str(self.folder / "fleet.yaml"),
            "NAMES": name,
            **{name: JOB["env"][name] for name in ("CHECKOUTS", "RESULTS")},
            "LANGUAGE": "en",
            "TEMPLATE": self.template,
            "GH_TOKEN": "gh-token-of-the-test",
            "GH_STATE": str(self.folder / "pulls.json"),
            "GH_ANSWERS": str(self.folder / "answers"),
            "GH_REMOTES": str(self.folder),
            "GITHUB_OUTPUT": str(runner / "output"),
            "GITHUB_STEP_SUMMARY": str(runner / "summary"),
        }

    def _ran(self, name: str, code: int, log: str) -> Ran:
        file = self.folder / f"runner/results/{name}.json"
        result = json.loads(file.read_text()) if file.exists() else {"repositories": [{"update": None}]}
        return Ran(code, log, result["repositories"][0]["update"])
