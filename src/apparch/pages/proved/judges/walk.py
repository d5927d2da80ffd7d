"""A walk: a session whose every command is run, in copies of the reference repositories, of this one, or in nothing."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from apparch.pages.proved.judges.model import Judge
from apparch.pages.proved.tools import kubernetes_tool
from apparch.pages.proved.tree_digest import project_files
from apparch.pages.written.blocks import Block

HOME = "snippets/walks/"
SESSION = "session.console"
ANYTHING = "…"
"""In a shown output: any text within a line, or, alone on a line, any number of lines."""
OWN = "apparch"
REFERENCES = ("app", "deploy")
_STEP = re.compile(r"^(?P<where>[a-z-]*)\$ (?P<command>.*)$")
_MARKER = "--8<--"
_GENERATED = shutil.ignore_patterns(".*_cache", "__pycache__", ".coverage*", ".hypothesis", "*.egg-info")


@dataclass(frozen=True)
class Step:
    """A command of a session with what is shown below it."""

    line: int
    """Number of its line in the session, counted from 1."""
    where: str
    """The folder it runs in: `app` and `deploy` are the reference repositories, `apparch` is this one, any other one is
    the session's own; empty above them."""
    command: str
    shown: tuple[str, ...]
    hidden: bool
    """Whether it stands outside every section: no reader sees it, so that its output is free."""


def choose(block: Block, _root: Path) -> Judge | None:
    """The judge of the diffs and the session of a walk; None for a block of anything else."""
    if not block.snippet.path.startswith(HOME):
        return None
    return Judge("git, bash, Python, kubectl, apparch", "walk", _verdict)


def _verdict(block: Block, root: Path) -> str | None:
    home = root / Path(block.snippet.path).parent
    steps = read_steps((home / SESSION).read_text("utf-8"))
    name = Path(block.snippet.path).name
    if name != SESSION:
        applied = any(f"apply ../walk/{name}" in step.command for step in steps)
        return None if applied else f"{block.origin}: {SESSION} never applies it; add `git apply ../walk/{name}`"
    files = tuple((file.name, file.read_bytes()) for file in sorted(home.iterdir()))
    failure = _walk(home, root, files)
    if failure is None or failure[0] > block.snippet.last:
        return None
    return f"{block.snippet.path}:{failure[0]}: {failure[1]}"


def read_steps(text: str) -> list[Step]:
    """The steps of a session in order."""
    steps: list[Step] = []
    open_sections = 0
    for number, line in enumerate(text.rstrip("\n").split("\n"), 1):
        if _MARKER in line:
            open_sections += 1 if "start:" in line else -1
        elif match := _STEP.match(line):
            steps.append(Step(number, match["where"], match["command"], (), hidden=not open_sections))
        elif steps:
            last = steps[-1]
            steps[-1] = Step(last.line, last.where, last.command, (*last.shown, line), last.hidden)
    return steps


def matches(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether an output is the shown one, `…` standing for what may differ from run to run."""
    if not shown:
        return not printed
    if shown[0] == ANYTHING:
        return any(matches(shown[1:], printed[skipped:]) for skipped in range(1, len(printed) + 1))
    pattern = ".*".join(map(re.escape, shown[0].split(ANYTHING)))
    return bool(printed) and bool(re.fullmatch(pattern, printed[0])) and matches(shown[1:], printed[1:])


@lru_cache(maxsize=8)
def _walk(home: Path, root: Path, _files: tuple[tuple[str, bytes], ...]) -> tuple[int, str] | None:
    """The line of the first step that fails or prints something else, and what it printed; None where there is none."""
    steps = read_steps((home / SESSION).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        environment = _prepare(place, home, root)
        if any(step.where in REFERENCES for step in steps):
            _lay_out(place, root, environment)
        if any(step.where == OWN for step in steps):
            _clone(place / OWN, root, environment)
        return next(_failures(steps, place, environment), None)


def _failures(steps: Sequence[Step], place: Path, environment: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    for step in steps:
        done = subprocess.run(
            ["bash", "-c", step.command],
            cwd=place / step.where,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        printed = [line.rstrip() for line in done.stdout.rstrip().split("\n")] if done.stdout.strip() else []
        if done.returncode != 0:
            yield step.line, f"{step.command}: exit code {done.returncode}\n{done.stdout}"
        elif not step.hidden and not matches(step.shown, printed):
            yield step.line, f"{step.command}: it prints\n{done.stdout}"


def _prepare(place: Path, home: Path, root: Path) -> dict[str, str]:
    """Make the programs that a session may call, and lay the walk's own files beside what it works on."""
    programs = place / "programs"
    programs.mkdir()
    (place / "tmp").mkdir()
    for name, command in {
        "python": [sys.executable],
        "apparch": [sys.executable, "-m", "apparch"],
        "kubectl": [str(kubernetes_tool("kubectl"))],
    }.items():
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
        (programs / name).chmod(0o755)
    environment = {
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.defpath}",
        "HOME": str(place),
        # What other runs left in the machine's own would be told of as warnings.
        "TMPDIR": str(place / "tmp"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A developer",
        "GIT_AUTHOR_EMAIL": "developer@example.com",
        "GIT_COMMITTER_NAME": "A developer",
        "GIT_COMMITTER_EMAIL": "developer@example.com",
        "PYTHONPATH": f"{root / 'src'}:src:tests",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        # The Deploy repository of the documents has never been sealed for a cluster.
        "ALLOW_PLACEHOLDERS": "true",
        # Several walks may run at once, and a reader's own app listens at 8080.
        "SERVICE_PORT": str(_free_port()),
        **_values(root),
    }
    shutil.copytree(home, place / "walk")
    return environment


def _lay_out(place: Path, root: Path, environment: Mapping[str, str]) -> None:
    """Lay out both reference repositories with a remote each, and the release that runs."""
    for name in REFERENCES:
        shutil.copytree(root / "snippets" / name, place / name, ignore=_GENERATED)
        setup = (
            f"git init --quiet --bare --initial-branch main ../{name}.git && git init --quiet --initial-branch main"
            f" && git add --all && git commit --quiet --message start && git tag {_running(root)}"
            f" && git remote add origin ../{name}.git && git push --quiet --tags --set-upstream origin main"
        )
        subprocess.run(["bash", "-c", setup], cwd=place / name, env=environment, check=True)


def _clone(place: Path, root: Path, environment: dict[str, str]) -> None:
    """Lay out this repository as a clone of it would be, with the environment that its commands are run in."""
    for name in project_files(root):
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, file)
    (place / ".venv").symlink_to(sys.prefix)
    environment["APPARCH_VENV"] = str(place / ".venv")
    setup = "git init --quiet --initial-branch main && git add --all && git commit --quiet --message start"
    subprocess.run(["bash", "-c", setup], cwd=place, env=environment, check=True)


def _values(root: Path) -> dict[str, str]:
    """A value for each variable that the app needs, so that a start fails for the walk's own variable alone."""
    example = (root / "snippets/app/config/.env.example").read_text("utf-8")
    required = re.findall(r"^([A-Z_]+)=$", example, re.M)
    return dict.fromkeys(required, "http://127.0.0.1:1") | {"REDIS_URL": "redis://127.0.0.1:1/0"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _running(root: Path) -> str:
    """The tag that production runs before the walk."""
    overlay = (root / "snippets/deploy/k8s/overlays/production/kustomization.yaml").read_text("utf-8")
    return str(re.findall(r"newTag: *(\S+)", overlay)[0])
