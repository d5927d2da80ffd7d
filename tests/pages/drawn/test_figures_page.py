"""The page of figures: which of its sections rest on a recorded run."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
UNRECORDED = {"breaches", "mutation"}
"""Benchmarks of the page whose full run is still to be recorded; the list only shrinks."""


def test_every_section_rests_on_a_recorded_run() -> None:
    """What an edition shows was measured with full counts and recorded, but for those that are listed."""
    page = (ROOT / "docs/start/figures.md").read_text("utf-8")
    shown = set(re.findall(r"\[\[benchmark: (\w+)\]\]", page))
    recorded = {file.stem for file in (ROOT / "docs/figures").glob("*.yaml")}

    assert recorded <= shown
    assert UNRECORDED == shown - recorded
