"""Where a benchmark's figures go: a file that the page of figures shows as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "build" / "benchmarks"


def write(name: str, columns: Mapping[str, Sequence[str]], rows: Sequence[Sequence[object]], **figures: Any) -> Path:
    """Write a benchmark's table, its column titles in ko and en, beside all else that it measured; the file's path."""
    file = FOLDER / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    report = {"columns": columns, "rows": [list(row) for row in rows]}
    text = json.dumps({"report": report, **figures}, ensure_ascii=False, indent=1, default=str)
    file.write_text(text + "\n", "utf-8")
    return file
