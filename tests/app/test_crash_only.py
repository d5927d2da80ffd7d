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
    assert figures.problems() == []


def test_the_proof_notices_a_missing_safeguard() -> None:
    """Without the question before a second submission, orders are sent twice, and the figures say so."""
    figures = crash_only(0, orders=80, sabotage="lookup", faults={"submit": {"reset_after": 0.25}})
    assert figures.sent_twice
    assert figures.books_differ
