"""The collector with a real source and a real database: whatever breaks, it goes on after the last tick stored."""

from __future__ import annotations

import asyncio
import logging
import signal
from decimal import Decimal
from typing import Any

import pytest

from app.config import load_settings
from app.ticks.messages import Heartbeat
from app.ticks.source import MAX_WAITING_MESSAGES, SkippedError, Source
from app.ticks.store import Store
from fixtures.collecting import collecting, eventually, until_stored
from fixtures.feed.process import API_KEY, Feed
from fixtures.process import PATIENCE


async def same(store: Store, feed: Feed) -> bool:
    """Whether each symbol is as the source has it, and the books are right."""
    made: dict[str, Any] = feed.journal()["symbols"]
    for symbol, total in made.items():
        row = await store.latest(symbol)
        kept = row and (row["ticks"], row["volume"], row["seq"], row["price"])
        if kept != (total["ticks"], Decimal(total["volume"]), total["seq"], Decimal(total["price"])):
            return False
    return bool(made) and await store.mismatch() is None


@pytest.mark.rule("RES001", "RUN001")
async def test_after_a_lost_connection_it_asks_for_the_tick_after_the_last_stored(store: Store, feed: Feed) -> None:
    """What was made meanwhile comes first."""
    feed.make(3)
    async with collecting(store, feed) as running:
        await until_stored(store, 3)
        feed.cut()
        feed.make(3)
        await until_stored(store, 6)
    assert await same(store, feed)
    assert feed.journal()["asked"].keys() <= {"0", "3"}
    assert running.states[:3] == [True, False, True]


@pytest.mark.rule("RUN001", "TRD002")
async def test_a_faulty_stream_is_stored_as_it_was_made(store: Store, feed: Feed) -> None:
    """Ticks that come twice, that are left out, half a message, a silence, a cut: each in its turn."""
    async with collecting(store, feed):
        for at, kind in enumerate(("duplicate", "skip", "rubbish", "silence", "cut"), 1):
            feed.faults(**{kind: 1.0})
            feed.make(2)
            await eventually(lambda kind=kind: _drawn(feed, kind))  # type: ignore[misc]
            feed.faults()
            await until_stored(store, 2 * at)
    assert await same(store, feed)


@pytest.mark.rule("TRD004", "MET004")
async def test_what_the_source_no_longer_holds_is_written_down_counted_and_said(
    store: Store, feed: Feed, caplog: pytest.LogCaptureFixture
) -> None:
    """It goes on with the oldest tick there is, and the gap stays visible."""
    feed.make(10)
    feed.forget(4)
    async with collecting(store, feed) as running:
        await until_stored(store, 10)
        await eventually(lambda: _true(running.metric("ticks_stored_total") == 6))
    assert [(gap["first"], gap["last"]) for gap in await store.gaps(0, 10)] == [(1, 4)]
    assert running.metric("ticks_missed_total") == 4
    [told] = [record for record in caplog.records if record.message == "the source no longer holds ticks"]
    assert (told.levelno, vars(told)["first"], vars(told)["last"]) == (logging.ERROR, 1, 4)
    assert await store.mismatch() is None


async def test_a_source_that_has_lost_its_past_is_not_followed(
    store: Store, feed: Feed, caplog: pytest.LogCaptureFixture
) -> None:
    """Its numbers mean other ticks now: nothing is changed, and a person is told."""
    await store.take("before")
    await store.skip("before", 0, 100)
    await store.release("before")
    feed.make(5)
    async with collecting(store, feed):
        said = "the stream cannot be followed: the source ends at 5, and 100 is stored"
        await eventually(lambda: _true(said in caplog.messages))
    assert (await store.position()).seq == 100


@pytest.mark.rule("RES004")
async def test_one_writes_while_the_other_waits_and_takes_over_at_its_drain(store: Store, feed: Feed) -> None:
    """A rolling restart has two of them for a while; a long lease is given back, not waited for."""
    feed.make(3)
    async with collecting(store, feed) as first:
        await until_stored(store, 3)
        async with collecting(store, feed) as second:
            feed.make(3)
            await until_stored(store, 6)
            assert (first.metric("stream_writer"), second.metric("stream_writer")) == (1, 0)
            first.draining.set()
            await eventually(lambda: _true(second.metric("stream_writer") == 1))
            feed.make(3)
            await until_stored(store, 9)
            await eventually(lambda: _true(second.metric("ticks_stored_total") == 3))
    assert await same(store, feed)


async def test_a_writer_that_another_one_has_replaced_stores_no_more(store: Store, feed: Feed) -> None:
    """It was away for longer than its lease; what it has in hand is refused, and it waits for its turn."""
    async with collecting(store, feed) as running:
        feed.make(3)
        await until_stored(store, 3)
        await store._work.fetch("UPDATE positions SET owner = 'b', lease_until = now() + interval '60 s'")
        feed.make(3)
        await eventually(lambda: _true(running.collector.waits))
    assert (await store.position()).seq == 3


async def test_a_source_that_is_slow_to_answer_costs_no_turn(environ: dict[str, str], feed: Feed) -> None:
    """The lease is renewed while the connection is not there yet; two that took it in turn would both get nowhere."""
    brief = Store(load_settings(environ | {"LEASE_SECONDS": "1"}))
    await brief.open()
    feed.source.signal(signal.SIGSTOP)
    try:
        async with collecting(brief, feed, silence_seconds=60) as running:
            await eventually(lambda: _true(running.metric("stream_writer") == 1))
            await asyncio.sleep(1.5)
            taken = await brief.take("another")
    finally:
        feed.source.signal(signal.SIGCONT)
        await brief.aclose()
    assert taken is None


@pytest.mark.rule("MET004")
async def test_the_lag_is_exported_and_ends_with_the_source_that_is_caught_up(store: Store, feed: Feed) -> None:
    """Sequence distance and seconds; of a source that is gone the seconds grow."""
    feed.make(3)
    async with collecting(store, feed) as running:
        await until_stored(store, 3)
        await eventually(lambda: _true(running.metric("stream_lag_ticks") == 0))
        await eventually(lambda: _true((running.metric("stream_lag_seconds") or 0) < 1))
        feed.source.signal(signal.SIGSTOP)
        try:
            await eventually(lambda: _true((running.metric("stream_lag_seconds") or 0) > 1))
        finally:
            feed.source.signal(signal.SIGCONT)


async def test_a_batch_ends_when_it_is_full_and_when_its_time_is_over(feed: Feed) -> None:
    """It is bounded in both, and a heartbeat ends it too."""
    feed.make(5)
    async with Source(feed.url, feed.stream, API_KEY).open(0) as stream:
        full, none = await stream.batch(3, 60)
        rest, beat = await stream.batch(3, 60)
    assert (full.after, full.upto, none) == (0, 3, None)
    assert (rest.after, rest.upto) == (3, 5)
    assert isinstance(beat, Heartbeat)
    feed.rate(100)
    async with Source(feed.url, feed.stream, API_KEY).open(5) as stream, asyncio.timeout(PATIENCE):
        while (await stream.batch(1000, 0.03))[1] is not None:
            continue
    feed.rate(0)


@pytest.mark.rule("RES006")
async def test_a_source_that_is_faster_than_the_store_is_held_up(feed: Feed) -> None:
    """While no batch is asked for, no more is read than is waited for: the rest stays with the source."""
    feed.make(3 * MAX_WAITING_MESSAGES)
    async with Source(feed.url, feed.stream, API_KEY).open(0) as stream:
        connection = stream._connection.transport
        await eventually(lambda: _true(not connection.is_reading()))
        while stream.last < 3 * MAX_WAITING_MESSAGES:
            await stream.batch(500, 60)
        assert connection.is_reading()


async def test_a_heartbeat_that_knows_more_than_was_sent_tells_of_a_lost_tick(feed: Feed) -> None:
    """The last tick of all is missed too."""
    feed.make(1)
    feed.faults(skip=1.0)
    async with Source(feed.url, feed.stream, API_KEY).open(0) as stream:
        with pytest.raises(SkippedError, match=r"^tick 1 is missing$"):
            await stream.batch(3, 60)


async def _drawn(feed: Feed, kind: str) -> bool:
    return kind in feed.journal()["faults"]


async def _true(value: bool) -> bool:
    await asyncio.sleep(0)
    return value
