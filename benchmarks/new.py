"""`python -m benchmarks.new`: what `apparch new` makes is green at once, and how long that takes.

Every combination of answers is made and checked, alone and with its Deploy repo. Of the smallest and the largest app
the commands of its own `docs/README.md` are run as they stand there, which asks a package index, then its image is
built, as root.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from itertools import product
from pathlib import Path

from benchmarks._report import MEASURED, rows_of, write
from tests.image.workspace import prepare

COMBINATIONS = [
    {"database": database, "cache": cache, "language": language}
    for database, cache, language in product(("no", "yes"), ("no", "yes"), ("ko", "en"))
]
WHOLE = {"smallest": COMBINATIONS[0], "largest": COMBINATIONS[-1]}
COMMAND = re.compile(r"^\$ (.+)$", re.MULTILINE)


def main() -> int:
    """Print the figures and write them; 1 if anything was not green."""
    figures: dict[str, object] = {"combinations_without_a_finding": 0}
    with tempfile.TemporaryDirectory(prefix="new-") as place:
        directory = Path(place)
        clean = [_made(directory / f"app-{number}", answers) for number, answers in enumerate(COMBINATIONS)]
        figures["combinations_without_a_finding"] = f"{clean.count(True)}/{len(clean)}"
        paired = [_paired(directory / f"app-{number}", answers) for number, answers in enumerate(COMBINATIONS)]
        figures["pairs_with_their_deploy_repo_without_a_finding"] = f"{paired.count(True)}/{len(paired)}"
        for size, answers in WHOLE.items():
            figures |= {f"{size}_{key}": value for key, value in _whole(directory / size, answers).items()}
        begun = time.monotonic()
        prepare(directory).build(directory / "largest", "localhost/app:new")
        figures["largest_image_seconds"] = round(time.monotonic() - begun, 1)
    for name, value in figures.items():
        print(f"{name}: {value}")
    write("new", MEASURED, rows_of(figures), figures=figures)
    return int(not all(clean + paired))


def _made(folder: Path, answers: Mapping[str, str]) -> bool:
    given = [part for key, value in answers.items() for part in ("--data", f"{key}={value}")]
    _apparch("new", "price-board", "--directory", str(folder), "--defaults", *given)
    return _apparch("check", str(folder), check=False) == 0


def _paired(app: Path, answers: Mapping[str, str]) -> bool:
    """Whether the Deploy repo of the same answers keeps every rule, and both of them their contract."""
    folder = app.with_name(f"{app.name}-deploy")
    given = [part for key in ("database", "cache") for part in ("--data", f"{key}={answers[key]}")]
    _apparch("new", "--deploy", "price-board", "--directory", str(folder), "--defaults", *given)
    ends = [_apparch("check", str(folder), check=False)]
    ends.append(_apparch("contract", "--app", str(app), "--deploy", str(folder), check=False))
    return ends == [0, 0]


def _whole(folder: Path, answers: Mapping[str, str]) -> dict[str, object]:
    """Seconds to each step from nothing on, and the number of commands."""
    begun = time.monotonic()
    steps: dict[str, object] = {}
    assert _made(folder, answers)
    steps["made_and_checked_seconds"] = round(time.monotonic() - begun, 1)
    _, *blocks = (folder / "docs/README.md").read_text("utf-8").split("```console\n")
    count = 2
    for name, block in zip(("installed", "tested_linted_typed"), blocks, strict=False):
        for command in COMMAND.findall(block.partition("```")[0]):
            count += 1
            done = subprocess.run(
                command, shell=True, cwd=folder, env=_bare(), capture_output=True, text=True, check=False
            )
            if done.returncode:
                sys.exit(f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
            if passed := re.search(r"(\d+) passed", done.stdout):
                steps["tests"] = int(passed[1])
        steps[f"{name}_seconds"] = round(time.monotonic() - begun, 1)
    return steps | {"commands": count}


def _apparch(*arguments: str, check: bool = True) -> int:
    command = [sys.executable, "-m", "apparch", *arguments]
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=check).returncode


def _bare() -> dict[str, str]:
    """What a newcomer's terminal has, and nothing of this project's."""
    kept = ("PATH", "HOME", "LANG", "SSL_CERT_FILE")
    return {key: value for key, value in os.environ.items() if key in kept or key.startswith("PIP_")}


if __name__ == "__main__":
    sys.exit(main())
