"""Environment files: read alike by python-dotenv, by the rules of `docker --env-file`, by bash."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

from dotenv import dotenv_values

from apparch.pages.proved.judges.model import Judge
from apparch.pages.written.blocks import Block


def choose(_block: Block, _root: Path) -> Judge:
    """One judge serves every environment file."""
    return Judge("python-dotenv, docker --env-file, bash", "dotenv", _verdict)


def _verdict(block: Block, _root: Path) -> str | None:
    readers = {
        "python-dotenv": _python(block.text),
        "docker --env-file": _docker(block.text),
        "bash": _bash(block.text),
    }
    expected = readers["docker --env-file"]
    for name, values in readers.items():
        for key in sorted(expected.keys() | values.keys()):
            if values.get(key) != expected.get(key):
                return (
                    f"{block.origin}: {key} is {values.get(key)!r} to {name} and {expected.get(key)!r} "
                    "to docker --env-file; put comments on lines of their own"
                )
    return None if expected else f"{block.origin}: no variable is defined"


def _python(text: str) -> dict[str, str]:
    return {key: value or "" for key, value in dotenv_values(stream=io.StringIO(text), interpolate=False).items()}


def _docker(text: str) -> dict[str, str]:
    """Docker's rule: a line that begins with # is a comment, all behind the first = is the value."""
    lines = (line.lstrip() for line in text.splitlines())
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#") and "=" in line)
    return {pair[0]: pair[1] for pair in pairs}


def _bash(text: str) -> dict[str, str]:
    names = re.findall(r"^([A-Za-z_][A-Za-z0-9_]*)=", text, re.MULTILINE)
    script = text + "\n" + "\n".join(f'printf "%s\\0%s\\0" {name} "${name}"' for name in names)
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=False, timeout=10, env={})
    parts = done.stdout.split("\0")
    return dict(zip(parts[::2], parts[1::2], strict=False))
