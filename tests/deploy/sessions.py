"""What a text's console blocks type: bash reads each session, and a recorder stands in for every program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.kube import DEPLOY

BLOCK = re.compile(r"(?m)^(?P<indent> *)```console\n(?P<body>(?:.*\n)*?)(?P=indent)```$")
COMMAND = re.compile(r"(?m)^\$ (?P<command>(?:.*\\\n)*.*)$")
RECORDER = """#!/bin/bash
printf '%s\\0' "$0" "$@" >"$RECORDS/$$.words"
/bin/cat "/proc/$$/environ" >"$RECORDS/$$.given"
# Later commands write into what this one makes.
[[ ${0##*/} != mkdir ]] || exec /bin/mkdir "$@"
"""
SHELL = {"RECORDS", "PATH", "PWD", "OLDPWD", "SHLVL", "_"}


class Unreadable(Exception):
    """Bash did not get through a session: a mistake of its syntax, a variable, a directory or a program."""


@dataclass(frozen=True)
class Typed:
    """One program as a session starts it, its words and variables as bash hands them over."""

    program: str
    """Its name, or its path below the Deploy repo."""
    words: tuple[str, ...]
    given: dict[str, str]

    def __str__(self) -> str:
        return " ".join((self.program, *self.words))


def commands(text: str) -> list[str]:
    """The commands of all console blocks, in their order."""
    found: list[str] = []
    for block in BLOCK.finditer(text):
        lines = (line.removeprefix(block["indent"]) for line in block["body"].split("\n"))
        found += [each["command"] for each in COMMAND.finditer("\n".join(lines))]
    return found


def session(text: str, programs: Iterable[str], directory: Path) -> list[Typed]:
    """What is started when all commands are typed into one shell at the repository's root.

    Raises:
        Unreadable: the shell ended early.
    """
    repository, recorders, records = directory / "repository", directory / "programs", directory / "records"
    shutil.copytree(DEPLOY, repository)
    for each in (recorders, records):
        each.mkdir()
    for file in [recorders / name for name in programs] + sorted(repository.glob("_shared/scripts/**/*.sh")):
        file.write_text(RECORDER)
        file.chmod(0o755)
    script = "\n".join(["set -eu -o pipefail", *commands(text)])
    environment = {"PATH": str(recorders), "RECORDS": str(records)}
    done = subprocess.run(
        ["/bin/bash", "-c", script], cwd=repository, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Unreadable(done.stderr.strip())
    return [_typed(file, recorders) for file in sorted(records.glob("*.words"), key=os.path.getmtime)]


def _typed(file: Path, recorders: Path) -> Typed:
    called, *words = file.read_text("utf-8").removesuffix("\0").split("\0")
    pairs = (each.partition("=") for each in file.with_suffix(".given").read_text("utf-8").split("\0") if each)
    given = {name: value for name, _, value in pairs if name not in SHELL}
    return Typed(called.removeprefix(f"{recorders}/"), tuple(words), given)
