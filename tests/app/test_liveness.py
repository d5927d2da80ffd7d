"""The measurement of the probes finds them answering while nothing else does."""

from __future__ import annotations

import pytest
from benchmarks.liveness import measure


@pytest.mark.rule("PRB002", "PRB009")
def test_liveness_answers_while_no_thread_is_free_and_every_dependency_hangs() -> None:
    """All 50 probes say alive before any of 200 requests gets its thread; readiness says no, 5 of 5."""
    live, ready = measure(50)
    assert (live.statuses, ready.statuses) == ({200: 50}, {503: 5})
