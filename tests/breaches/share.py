"""The share of running breaches that a commit's test run carries out: another for every commit, the same each time."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.breaches.places import cost

from apparch.pages.breaches import Breach

SECONDS = 100
"""How long a share may take on one quiet core."""
ALLOWED = 8
"""How many of the edits that rules allow are in a share: each meets every proof of its rule."""

TURNS = 3
"""Over how many commits the breaches of sentences are spread: one sentence's proof is much like another's."""


def share(breaches: Iterable[Breach], commit: str, seconds: float = SECONDS) -> frozenset[str]:
    """The ids of the running breaches whose turn it is, until the time is used up."""
    chosen: set[str] = set()
    for breach in _in_turn(breaches, commit):
        needed = cost(breach.noticed_by or "")
        if needed and needed <= seconds:
            chosen.add(breach.id)
            seconds -= needed
    return frozenset(chosen)


def share_of_allowed(breaches: Iterable[Breach], commit: str, most: int = ALLOWED) -> frozenset[str]:
    """The ids of the allowed edits whose turn it is."""
    return frozenset(breach.id for breach in _in_turn(breaches, commit)[:most])


def share_of_prose(breaches: Iterable[Breach], commit: str, turns: int = TURNS) -> frozenset[str]:
    """The ids of the edits of sentences whose turn it is."""
    ordered = _in_turn(breaches, commit)
    return frozenset(breach.id for breach in ordered[: -(-len(ordered) // turns)])


def _in_turn(breaches: Iterable[Breach], commit: str) -> list[Breach]:
    return sorted(breaches, key=lambda breach: hashlib.sha256(f"{commit} {breach.id}".encode()).digest())


def commit_of(root: Path) -> str:
    """The commit that a tree was checked out from; empty where there is none."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
