"""Ignore files: asked about a tree of paths, each with the answer that is expected of it."""

from __future__ import annotations

import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path

from docker.utils.build import PatternMatcher

from apparch.catalogue import yaml_text
from apparch.pages.proved.judges.model import Judge
from apparch.pages.written.blocks import Block


def choose_git(block: Block, _root: Path) -> Judge | None:
    """A .gitignore whose expected answers are known."""
    return Judge("git check-ignore", "gitignore", _git) if block.snippet.path in _expected() else None


def choose_docker(block: Block, _root: Path) -> Judge | None:
    """A .dockerignore whose expected answers are known."""
    return (
        Judge("the Docker SDK's .dockerignore rules", "dockerignore", _docker)
        if block.snippet.path in _expected()
        else None
    )


def _git(block: Block, _root: Path) -> str | None:
    answers = _expected()[block.snippet.path]
    paths = answers["ignored"] + answers["kept"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "init", "--quiet", folder], check=True, capture_output=True)
        (Path(folder) / ".gitignore").write_text(block.text + "\n", "utf-8")
        done = subprocess.run(
            ["git", "-C", folder, "check-ignore", "--no-index", "--stdin"],
            input="\n".join(paths),
            capture_output=True,
            text=True,
            check=False,
        )
    return _compare(block, set(done.stdout.splitlines()), answers)


def _docker(block: Block, _root: Path) -> str | None:
    answers = _expected()[block.snippet.path]
    patterns = [line for line in block.text.splitlines() if line.strip() and not line.startswith("#")]
    matcher = PatternMatcher(patterns)
    return _compare(block, {path for path in answers["ignored"] + answers["kept"] if matcher.matches(path)}, answers)


def _compare(block: Block, ignored: set[str], answers: dict[str, list[str]]) -> str | None:
    for path in answers["ignored"]:
        if path not in ignored:
            return f"{block.origin}: {path} should be ignored but is kept"
    for path in answers["kept"]:
        if path in ignored:
            return f"{block.origin}: {path} should be kept but is ignored"
    return None


def _expected() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = yaml_text.read(
        (files("apparch.pages.proved.judges") / "ignore.yaml").read_text("utf-8")
    )
    return loaded
