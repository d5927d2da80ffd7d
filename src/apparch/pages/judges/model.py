"""What a judge is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apparch.pages.blocks import Block


@dataclass(frozen=True)
class Judge:
    """Something that runs or validates a block."""

    name: str
    """What the reader is told: the tools' names."""
    kind: str
    """What kind of block it judges."""
    verdict: Callable[[Block, Path], str | None]
    """None where the block is good, else what is wrong; raises Unavailable where its tool cannot be had."""


class Unavailable(Exception):
    """A judge's tool is not on this machine; the message says how to get it."""


def run(
    command: Sequence[str], *, cwd: Path | None = None, stdin: str | None = None, env: Mapping[str, str] | None = None
) -> str | None:
    """Run a tool: None where it exits 0, else what it printed."""
    done = subprocess.run(
        list(command), cwd=cwd, input=stdin, env=env, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode == 0:
        return None
    return (done.stdout + done.stderr).strip() or f"{command[0]} exited {done.returncode}"


def tool(name: str) -> str:
    """The path of a tool that was installed into the running interpreter's environment."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise Unavailable(f"{name} is not installed; run ./dev test, which installs it")
    return str(path)


def first_failure(*failures: str | None) -> str | None:
    """The first that is not None."""
    return next((failure for failure in failures if failure), None)
