"""When a run ended, on which commit."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

from apparch.pages.proofs import Run


def run_of_now(root: Path, *, quick: bool = False) -> Run:
    """A run that ends now, over the files that are checked out in a folder."""
    ended = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    commit = _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    return Run(ended, commit, bool(commit) and bool(_git(root, "status", "--porcelain")), quick)


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
