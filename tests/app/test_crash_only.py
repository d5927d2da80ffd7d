"""The crash-only proof with a small count; benchmarks/crash_only.py runs the full one."""

from __future__ import annotations

import pytest
from benchmarks.crash_only import crash_only


@pytest.mark.rule("RES001", "RES002", "RES003", "RES004", "TRD002", "TRD003", "TRD004", "TRD008")
def test_replicas_killed_at_random_moments_lose_and_repeat_no_order() -> None:
    """Two replicas under SIGKILL and a faulty exchange: the customers', the app's and the exchange's books agree."""
    figures = crash_only(10)
    assert figures.kills >= 10
    assert figures.orders >= 20
    assert figures.faults > 0
    assert figures.lost == []
    assert figures.sent_twice == []
    assert figures.audit_gaps == []
    assert figures.answers_differ == []
    assert figures.books_differ == []
