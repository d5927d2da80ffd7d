"""Replacing pods under load loses no request, and the harness that says so can see a loss."""

from __future__ import annotations

import pytest
from benchmarks.rolling_restarts import Variant, rolling


@pytest.mark.rule("SHD010", "SHD012", "SHD002", "SHD007")
async def test_rolling_restarts_lose_no_request() -> None:
    """Short, slow and keep-alive clients without retries all get their answers; no pod needs SIGKILL."""
    result = await rolling(Variant("reference", "fixtures.service", drain=3), restarts=3)
    assert (result.lost, result.killed, result.reasons) == (0, 0, {})
    assert result.exit_codes == {0: 3}
    assert result.requests > 300


async def test_a_drain_shorter_than_the_lag_loses_requests() -> None:
    """The same app without a drain, and without preStop, is still connected to when it is gone."""
    result = await rolling(Variant("no drain", "fixtures.service"), restarts=1)
    assert result.lost > 0
    assert result.killed == 0


async def test_the_naive_version_loses_requests() -> None:
    """It stops listening at SIGTERM, while clients still come."""
    result = await rolling(Variant("naive", "benchmarks._naive_service"), restarts=1)
    assert result.lost > 0
