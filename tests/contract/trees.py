"""Copies of the two reference trees to change, and the comparison of two folders."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from apparch.contract import Comparison, Judgement, compare
from apparch.repository import Repository

ROOT = Path(__file__).resolve().parents[2]
APP, DEPLOY = ROOT / "snippets" / "app", ROOT / "snippets" / "deploy"
_LEFT_OUT = shutil.ignore_patterns(
    ".hypothesis", ".coverage*", ".*_cache", "__pycache__", "tests", "build", "*.egg-info"
)


@dataclass(frozen=True)
class Trees:
    """An App repository and a Deploy repository side by side."""

    app: Path
    deploy: Path

    def path(self, repository: str, name: str) -> Path:
        """A file of one of them."""
        return (self.app if repository == "app" else self.deploy) / name

    def replace(self, repository: str, name: str, old: str, new: str) -> None:
        """Change a file's text; the old one must stand in it."""
        file = self.path(repository, name)
        text = file.read_text("utf-8")
        assert old in text, f"{name} no longer has {old!r}: bring the mutation up to date"
        file.write_text(text.replace(old, new), "utf-8")

    @cached_property
    def comparison(self) -> Comparison:
        """What the comparison says of them."""
        return compare(Repository(self.app), Repository(self.deploy))

    def names(self, finding: Judgement, place: str) -> bool:
        """Whether a finding names a place, written as `repository path | text of its line`."""
        where, _, text = place.partition(" | ")
        for side in finding.sides:
            if f"{side.repository} {side.place.path}" == where:
                file = self.path(side.repository, side.place.path)
                lines = file.read_text("utf-8").splitlines() if file.exists() else []
                line = lines[side.place.line - 1] if lines else ""
                if text.strip() in line:
                    return True
        return False


def copy_trees(to: Path) -> Trees:
    """Fresh copies below a folder."""
    for name, source in (("app", APP), ("deploy", DEPLOY)):
        shutil.copytree(source, to / name, ignore=_LEFT_OUT)
    return Trees(to / "app", to / "deploy")
