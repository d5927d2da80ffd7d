"""The app under load and faults keeps its size; a planted leak shows that the measurement would see one."""

from __future__ import annotations

import pytest
from benchmarks.soak import soak


@pytest.mark.rule("RUN003", "RUN004", "TRD001", "MET005")
def test_nothing_grows_under_load_and_faults() -> None:
    """Memory, descriptors and series stay where they are, and the process stays alive."""
    result = soak(15, requests=400)
    assert result.problems() == []
    assert result.requests >= 400
    assert sum(result.faults.values()) > 0


def test_a_leak_is_seen() -> None:
    """With a leak of each kind planted, all three are reported."""
    result = soak(5, requests=400, leak="memory,descriptors,series")
    assert result.problems() == ["memory grows", "descriptors grow", "metric series grow"]
