"""Where a benchmark's figures go: a file that the page of figures shows as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks._words import said

MEASURED = {"ko": ["측정", "값"], "en": ["Measured", "Value"]}
FOLDER = Path(__file__).parents[1] / "build" / "benchmarks"


def write(name: str, columns: Mapping[str, Sequence[str]], rows: Sequence[Sequence[object]], **figures: Any) -> Path:
    """Write a benchmark's table beside all else that it measured; the file's path.

    Column titles are given in ko and en, and so may be a cell.
    """
    file = FOLDER / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    report = {"columns": columns, "rows": [list(row) for row in rows]}
    text = json.dumps({"report": report, **figures}, ensure_ascii=False, indent=1, default=str)
    file.write_text(text + "\n", "utf-8")
    return file


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
