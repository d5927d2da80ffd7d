"""Where a benchmark's figures go: a file of the build, and one of the repository where they are recorded.

`python -m benchmarks._report NAME...` records what a benchmark measured last, for the editions that are built from
this commit on. It refuses figures of files that no commit holds.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from benchmarks._words import said

from apparch.pages.proved.run_of_now import run_of_now

MEASURED = {"ko": ["측정", "값"], "en": ["Measured", "Value"]}
ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "benchmarks"
RECORDED = ROOT / "docs" / "figures"


def write(name: str, columns: Mapping[str, Sequence[str]], rows: Sequence[Sequence[object]], **figures: Any) -> Path:
    """Write a benchmark's table beside all else that it measured; the file's path.

    Column titles are given in ko and en, and so may be a cell.
    """
    file = FOLDER / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    report = {"columns": columns, "rows": [list(row) for row in rows]}
    run = asdict(run_of_now(ROOT)) | {"machine": machine()}
    text = json.dumps({"report": report, "run": run, **figures}, ensure_ascii=False, indent=1, default=str)
    file.write_text(text + "\n", "utf-8")
    return file


def record(name: str, folder: Path = FOLDER, into: Path = RECORDED) -> Path:
    """Take what a benchmark measured last into the repository: its table, when, on which commit and machine.

    Raises:
        ValueError: it has measured nothing, or files that no commit holds; the text is one line.
    """
    file = folder / f"{name}.json"
    found = json.loads(file.read_text("utf-8")) if file.exists() else {}
    if "run" not in found:
        raise ValueError(f"{name}: nothing is measured yet; run ./dev bench {name} first")
    if found["run"]["changed"] or not found["run"]["commit"]:
        raise ValueError(f"{name}: it measured files that no commit holds; commit them, then measure again")
    into.mkdir(parents=True, exist_ok=True)
    run = {key: value for key, value in found["run"].items() if key not in ("changed", "quick")}
    text = yaml.safe_dump({"run": run, "report": found["report"]}, allow_unicode=True, sort_keys=False, width=1000)
    target = into / f"{name}.yaml"
    target.write_text(f"# Recorded by `./dev bench {name} --record`.\n{text}", "utf-8")
    return target


def machine() -> dict[str, object]:
    """What kind of machine this is, and how busy it was over the last 15 minutes."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "load": round(os.getloadavg()[2], 1),
    }


def kept(name: str) -> dict[str, Any]:
    """All that a benchmark's last run wrote; empty where it has not run yet."""
    file = FOLDER / f"{name}.json"
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}


def rows_of(figures: Mapping[str, object]) -> list[list[object]]:
    """A table's rows of the titles MEASURED: each figure's name in words, its value as people write it.

    Raises:
        KeyError: a name has no Korean in `_words.py`.
    """
    return [[said(name.replace("_", " ")), _written(value)] for name, value in figures.items()]


def _written(value: object) -> object:
    match value:
        case bool():
            return said("yes" if value else "no")
        case Mapping():
            return ", ".join(f"{name} {part}" for name, part in value.items())
        case list():
            return ", ".join(map(str, value))
    return value


if __name__ == "__main__":
    try:
        for each in sys.argv[1:]:
            print(record(each).relative_to(ROOT))
    except ValueError as error:
        sys.exit(str(error))
