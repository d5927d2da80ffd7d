"""Every example script prints what its comments say, whether a page shows it by now or not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "snippets" / "examples").glob("*.py"))
MARK = "#>"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_what_it_says(example: Path) -> None:
    """Run as a reader would run it, its output is the text after each `#>`."""
    lines = [line.strip() for line in example.read_text().splitlines()]
    promised = [line.removeprefix(MARK).strip() for line in lines if line.startswith(MARK)]
    done = subprocess.run(
        [sys.executable, str(example)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "snippets" / "app" / "src")},
        text=True,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert promised
    assert done.stdout.splitlines() == promised
