"""Which reference app a benchmark measures: this repository's, or that of another edition's checkout."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
APP = Path(os.environ.get("BENCHMARK_APP") or ROOT / "snippets" / "app").resolve()
"""A tree such as snippets/app; its own test fixtures are used, since they know its exchange and its schema."""
PATHS = [ROOT, APP / "src", APP / "tests"]


def find() -> None:
    """Let the app and its fixtures be imported from that tree."""
    sys.path[:0] = [str(path) for path in PATHS]
