"""A machine with an old pip: a root with the set-up's own scripts, an index, and a Python that brings that pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from tests.setup.index import CARRIER, PINNED, Index

ROOT = Path(__file__).parents[2]
PYTHON = Path(sys.executable).resolve()
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
PINS = {release.name: release.version for release in (*PINNED, CARRIER)}
PROJECT = """
[project]
name = "tiny-project"
version = "1.0"
[build-system]
requires = ["tiny-backend"]
build-backend = "tiny_backend"
"""
INSTALLER = ("--installer", "requirements/installer.txt")
EVERYTHING = (*INSTALLER, "--project", "pyproject.toml", "requirements/test.txt", "--partial", "requirements/tools.txt")


@dataclass(frozen=True)
class Machine:
    """A project's root, and the variables of the user who works there."""

    root: Path
    environ: dict[str, str]

    def set_up(self, options: Sequence[str] = EVERYTHING, **variables: str) -> subprocess.CompletedProcess[str]:
        """Do what ./dev does before it does anything else."""
        return self.run(["requirements/environment", ".venv", *options], **variables)

    def begin(self, options: Sequence[str] = EVERYTHING) -> subprocess.Popen[str]:
        """Do the same, to be stopped on the way."""
        # A job in the background inherits that Ctrl-C is ignored; a terminal's user does not.
        return subprocess.Popen(
            ["/usr/bin/env", "--default-signal=INT", "requirements/environment", ".venv", *options],
            cwd=self.root, env=self.environ, start_new_session=True,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command at the root."""
        return subprocess.run(
            command, cwd=self.root, env=self.environ | variables, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def installed(self) -> dict[str, str]:
        """Every package of the environment with its version."""
        folder = self.root / ".venv/lib" / VERSION / "site-packages"
        return {found.name: found.version for found in distributions(path=[str(folder)])}


def make_machine(folder: Path, index: Index, brought: Path) -> Machine:
    """A machine whose Python brings the pip of the folder `brought`, and which knows no index but this one."""
    root, programs = folder / "a root", folder / "bin"
    shutil.copytree(ROOT / "requirements", root / "requirements", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "requirements/test.txt").write_text("".join(index.add(release) for release in PINNED))
    (root / "requirements/tools.txt").write_text(index.add(CARRIER))
    programs.mkdir()
    for name in ("sh", "cp", "find", "mkdir", "rm", "ls", "dirname"):
        (programs / name).symlink_to(shutil.which(name) or name)
    add_python(programs, brought)
    environ = {"PATH": str(programs), "PIP_INDEX_URL": index.address, "PIP_CONFIG_FILE": os.devnull,
               "PIP_NO_CACHE_DIR": "1", "PIP_NO_COMPILE": "1", "PIP_RETRIES": "0"}  # fmt: skip
    return Machine(root, environ)


def add_python(programs: Path, brought: Path) -> None:
    """A `python3` like this one, but for the pip that its new environments hold."""
    program = programs / "python3"
    program.write_text(
        f"""#!/bin/sh
        case "$1 $2" in
        "-m venv") "{PYTHON}" -m venv --without-pip "$3" && cp -a "{brought}/." "$3/lib/{VERSION}/site-packages" ;;
        *) exec "{PYTHON}" "$@" ;;
        esac
        """
    )
    program.chmod(0o755)


def change(machine: Machine, file: str, old: str, new: str) -> None:
    """Edit one place of a script."""
    path = machine.root / "requirements" / file
    text = path.read_text()
    assert text.count(old) == 1, f"{file} has {text.count(old)} times {old!r}"
    path.write_text(text.replace(old, new))
