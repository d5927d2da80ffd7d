"""Run workflows as GitHub would: triggers, needs, conditions, concurrency, tokens and `run:` steps as they stand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.release.expressions import evaluate, interpolate, truthy
from tests.release.loopback import READER, WRITER, Door
from tests.release.repository import Origin, checkout
from tests.release.triggers import Event, load, triggered

GHCR = "ghcr.io"
STUB = '#!/bin/sh\necho "$*" >> "$STUB_LOG"\ncase "$*" in *"$STUB_FAILS"*) exit 1;; esac\n'


@dataclass(frozen=True)
class Job:
    """How one job ended, and what its steps printed."""

    workflow: str
    id: str
    result: str
    log: str = ""


@dataclass(frozen=True)
class _Run:
    """One run of one workflow."""

    name: str
    workflow: Mapping[str, Any]
    event: Event
    contexts: Mapping[str, Any]


@dataclass
class Runner:
    """A GitHub for one repository. Steps with `uses:` have stand-ins; the registry's name leads to a door."""

    origin: Origin
    door: Door
    workspaces: Path
    repository: str = "org/app"
    failing: str = "nothing fails"
    builds: list[Mapping[str, str]] = field(default_factory=list)
    _groups: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    _run_number: int = 0

    def deliver(self, event: Event) -> list[Job]:
        """Run every workflow that the event triggers; no job at all where none listens."""
        jobs: list[Job] = []
        for path in sorted((self.origin.directory / ".github/workflows").glob("*.yml")):
            text = path.read_text("utf-8")
            if triggered(text, event):
                jobs += self._run(path.stem, load(text), event)
        return jobs

    def _run(self, name: str, workflow: Mapping[str, Any], event: Event) -> list[Job]:
        contexts: dict[str, Any] = {"github": self._github(event)}
        run = _Run(name, workflow, event, contexts)
        done: dict[str, Job] = {}
        logs: list[Job] = []
        with self._alone(workflow, contexts):
            for identity, job in workflow["jobs"].items():
                needed = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
                allowed = all(done[need].result == "success" for need in needed)
                if not allowed or not truthy(evaluate(str(job.get("if", "true")), contexts)):
                    done[identity] = Job(name, identity, "skipped")
                elif "uses" in job:
                    called = self._call(job["uses"], event)
                    logs += called
                    failed = any(inner.result == "failure" for inner in called)
                    done[identity] = Job(name, identity, "failure" if failed else "success")
                else:
                    with self._alone(job, contexts):
                        done[identity] = self._job(run, identity, job)
        return [*logs, *done.values()]

    def _call(self, uses: str, event: Event) -> list[Job]:
        path = self.origin.directory / uses.removeprefix("$/").removeprefix("./")
        workflow = load(path.read_text("utf-8"))
        assert "workflow_call" in workflow["on"], f"{path.name} cannot be called"
        return self._run(path.stem, workflow, event)

    def _alone(self, part: Mapping[str, Any], contexts: Mapping[str, Any]) -> ExitStack:
        """Hold the concurrency group that a workflow or job names, if it names one."""
        stack = ExitStack()
        if "concurrency" in part:
            stack.enter_context(self._groups[interpolate(part["concurrency"]["group"], contexts)])
        return stack

    def _job(self, run: _Run, identity: str, job: Mapping[str, Any]) -> Job:
        name, workflow, event = run.name, run.workflow, run.event
        self._run_number += 1
        place = self.workspaces / f"{self._run_number}-{name}-{identity}"
        permissions = job.get("permissions", workflow.get("permissions", {}))
        writes = permissions.get("packages") == "write" and not event.fork
        scope = {**run.contexts, "secrets": {"GITHUB_TOKEN": WRITER if writes else READER}, "steps": {}}
        log = ""
        for number, step in enumerate(job["steps"]):
            if not truthy(evaluate(str(step.get("if", "true")), scope)):
                continue
            env = {**workflow.get("env", {}), **job.get("env", {}), **step.get("env", {})}
            values = {key: self._here(interpolate(str(value), scope)) for key, value in env.items()}
            if "uses" in step:
                given = {k: self._here(interpolate(_yaml_text(v), scope)) for k, v in step.get("with", {}).items()}
                self._action(step["uses"], given, event, place, str(scope["secrets"]["GITHUB_TOKEN"]))
                continue
            code, output, outputs = self._script(step["run"], values, event, place, number)
            log += output
            if code != 0:
                return Job(name, identity, "failure", log)
            if "id" in step:
                scope["steps"][step["id"]] = {"outputs": outputs}
        return Job(name, identity, "success", log)

    def _action(self, uses: str, given: Mapping[str, str], event: Event, place: Path, token: str) -> None:
        action = uses.partition("@")[0]
        if action == "actions/checkout":
            checkout(self.origin, event.commit, place / "workspace", history=given.get("fetch-depth") == "0")
        elif action == "docker/build-push-action":
            self.builds.append(given)
            if given.get("push") == "true":
                assert token == WRITER, "a push needs packages: write"
                for reference in given["tags"].split():
                    image, _, tag = reference.rpartition(":")
                    # Builds differ from run to run: their attestations carry the time.
                    self.door.registry.push(image.partition("/")[2], tag, f"{event.commit} {len(self.builds)}")
        else:
            assert action in ("actions/setup-python", "docker/setup-buildx-action", "docker/login-action"), action

    def _script(
        self, script: str, values: Mapping[str, str], event: Event, place: Path, number: int
    ) -> tuple[int, str, dict[str, str]]:
        tools = place / "tools"
        tools.mkdir(parents=True, exist_ok=True)
        (tools / "python").write_text(STUB)
        (tools / "python").chmod(0o755)
        if not (tools / "python3").exists():
            (tools / "python3").symlink_to(sys.executable)
        output = place / f"output-{number}"
        output.touch()
        (place / "event.json").write_text(json.dumps(self._github(event)["event"]))
        env = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "STUB_LOG": str(place / "stub.log"),
            "STUB_FAILS": self.failing,
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event.name,
            "GITHUB_EVENT_PATH": str(place / "event.json"),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_REF": event.ref,
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_SHA": event.commit,
            **values,
        }
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=place / "workspace",
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        outputs = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
        return done.returncode, done.stdout, outputs

    def _here(self, value: str) -> str:
        """The registry's name leads to the door, as if DNS said so; nothing else of the workflow is changed."""
        return value.replace(GHCR, self.door.host)

    def _github(self, event: Event) -> dict[str, Any]:
        return {
            "actor": "someone",
            "event": {
                "ref": event.ref,
                "after": event.commit,
                "pull_request": {"head": {"repo": {"fork": event.fork}}},
            },
            "event_name": event.name,
            "ref": event.ref,
            "repository": self.repository,
            "sha": event.commit,
        }


def _yaml_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# Makes a GitHub for changed files.
MakeRunner = Callable[[Mapping[str, str]], Runner]
