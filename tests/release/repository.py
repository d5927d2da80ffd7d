"""A small Git repository with the app's workflows and build scripts, and the commits that the events name."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

APP = Path(__file__).parents[2] / "snippets" / "app"
PARTS = ("docker", ".github/workflows", ".dockerignore", "README.md", "docs", "scripts", "config", "migrations")
IDENTITY = {
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


@dataclass(frozen=True)
class Origin:
    """Where runs check out from: two commits on main, one on a branch beside it, one from a fork."""

    directory: Path
    commits: Mapping[str, str]


def app_files(app: Path = APP) -> dict[str, str]:
    """The text of everything that surrounds the source, by path in the App repo."""
    places = [app / part for part in PARTS] + [
        file for file in app.iterdir() if re.search("(?i)(docker|container)file", file.name)
    ]
    files = [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("*")))]
    kept = [file for file in dict.fromkeys(files) if file.is_file() and file.suffix != ".pyc"]
    return {file.relative_to(app).as_posix(): file.read_text("utf-8") for file in kept}


def make_origin(directory: Path, files: Mapping[str, str]) -> Origin:
    """Commit these files, and then the history that the events need."""
    directory.mkdir(parents=True)
    git(directory, "init", "--quiet", "--initial-branch=main")
    git(directory, "config", "uploadpack.allowAnySHA1InWant", "true")
    for path, text in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text, encoding="utf-8")
    git(directory, "add", "--all")
    commits = {"before": _commit(directory, "First")}
    commits["main"] = _commit(directory, "Second")
    git(directory, "checkout", "--quiet", "-b", "feature")
    commits["feature"] = _commit(directory, "Beside main")
    git(directory, "checkout", "--quiet", "-b", "fork", "main")
    commits["fork"] = _commit(directory, "From a fork")
    git(directory, "checkout", "--quiet", "main")
    return Origin(directory, commits)


def checkout(origin: Origin, commit: str, workspace: Path, *, history: bool) -> None:
    """Do what actions/checkout does: one commit, or with `fetch-depth: 0` every branch and tag as well."""
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    git(workspace, "init", "--quiet")
    git(workspace, "remote", "add", "origin", str(origin.directory))
    if history:
        git(workspace, "fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*")
    else:
        git(workspace, "fetch", "--quiet", "--depth=1", f"file://{origin.directory}", commit)
    git(workspace, "checkout", "--quiet", "--force", commit)


def git(directory: Path, *arguments: str) -> str:
    """Run Git without the settings of this machine; its output."""
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env={**os.environ, **IDENTITY}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _commit(directory: Path, message: str) -> str:
    git(directory, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(directory, "rev-parse", "HEAD")
