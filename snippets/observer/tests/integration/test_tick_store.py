"""The store on a real PostgreSQL: a step moves the position and the values together, or nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.config import load_settings
from app.ticks.batch import Batch, summed
from app.ticks.lag import Position
from app.ticks.messages import Tick
from app.ticks.store import Store

AT = datetime(2026, 1, 1, tzinfo=UTC)


def a_batch(after: int, upto: int) -> Batch:
    """The ticks between two numbers, one unit of AAPL each."""
    ticks = [
        Tick(type="tick", seq=seq, symbol="AAPL", price=Decimal(seq), quantity=Decimal(1), at=AT)
        for seq in range(after + 1, upto + 1)
    ]
    return Batch(after, upto, upto, AT, summed(ticks))


async def counted(store: Store) -> tuple[int, int]:
    """The position, and how many ticks are counted."""
    row = await store.latest("AAPL")
    return (await store.position()).seq, row["ticks"] if row else 0


@pytest.mark.rule("TRD004")
async def test_a_step_that_is_sent_again_changes_nothing(store: Store) -> None:
    """Its answer was lost: the position has moved, so the same step no longer begins there."""
    await store.take("a")
    assert await store.step("a", a_batch(0, 3))
    assert not await store.step("a", a_batch(0, 3))
    assert await counted(store) == (3, 3)
    assert await store.mismatch() is None


@pytest.mark.rule("RES004")
async def test_of_two_steps_from_one_position_at_the_same_time_one_is_stored(store: Store) -> None:
    """The second waits for the first, and finds that the position has moved."""
    await store.take("a")
    assert sorted(await asyncio.gather(*(store.step("a", a_batch(0, 3)) for _ in range(2)))) == [False, True]
    assert await counted(store) == (3, 3)


async def test_a_step_from_further_on_is_refused(store: Store) -> None:
    """It would leave ticks out."""
    await store.take("a")
    assert not await store.step("a", a_batch(1, 3))
    assert await counted(store) == (0, 0)


@pytest.mark.rule("RES004")
async def test_only_the_one_that_took_the_stream_stores(store: Store) -> None:
    """While its lease runs, another is told to wait, and its step is refused."""
    assert await store.take("a") == Position(0, 0, None)
    assert await store.take("b") is None
    assert not await store.step("b", a_batch(0, 1))
    assert await store.take("a") == Position(0, 0, None)


async def test_a_lease_that_was_given_back_is_free_at_once(store: Store) -> None:
    """The next one goes on where the first one ended, and the first one stores no more."""
    await store.take("a")
    await store.step("a", a_batch(0, 3))
    await store.release("a")
    assert await store.take("b") == Position(3, 3, AT)
    assert not await store.step("a", a_batch(3, 4))
    assert await store.step("b", a_batch(3, 4))


@pytest.mark.rule("RES001", "RES002")
async def test_a_lease_that_ran_out_is_free(environ: dict[str, str], store: Store) -> None:
    """Of a process that was killed nobody hears any more."""
    brief = Store(load_settings(environ | {"LEASE_SECONDS": "0.01"}))
    await brief.open()
    await brief.take("a")
    await asyncio.sleep(0.05)
    assert await store.take("b") == Position(0, 0, None)
    await brief.aclose()


async def test_a_lease_from_before_the_clock_was_set_back_is_free(store: Store) -> None:
    """It would last for an hour."""
    await store.take("a")
    await store._work.fetch("UPDATE positions SET lease_until = lease_until + interval '1 hour'")
    assert await store.take("b") == Position(0, 0, None)


@pytest.mark.rule("TRD004")
async def test_what_is_gone_is_a_gap_and_the_books_are_right(store: Store) -> None:
    """Each number up to the position is counted or in a gap."""
    await store.take("a")
    await store.step("a", a_batch(0, 2))
    assert await store.skip("a", 2, 5)
    assert not await store.skip("a", 2, 5)
    assert await store.step("a", a_batch(5, 6))
    assert [(gap["first"], gap["last"]) for gap in await store.gaps(0, 10)] == [(3, 5)]
    assert await store.gaps(3, 10) == []
    assert await store.mismatch() is None


@pytest.mark.rule("RUN005")
async def test_books_that_do_not_add_up_are_told(store: Store) -> None:
    """The self-check says how many of the ticks are counted, whether one was lost or came twice."""
    await store.take("a")
    await store.step("a", a_batch(0, 2))
    await store._work.fetch("UPDATE latest SET ticks = 1")
    assert await store.mismatch() == "of 2 ticks 1 are counted and 0 in gaps"
    await store._work.fetch("UPDATE latest SET ticks = 3")
    assert await store.mismatch() == "of 2 ticks 3 are counted and 0 in gaps"


@pytest.mark.rule("TRD011")
async def test_a_price_is_stored_to_the_last_digit(store: Store) -> None:
    """PostgreSQL's numeric rounds nothing."""
    await store.take("a")
    price, quantity = Decimal("123456789012.12345678"), Decimal("0.00000001")
    tick = Tick(type="tick", seq=1, symbol="AAPL", price=price, quantity=quantity, at=AT)
    await store.step("a", Batch(0, 1, 1, AT, summed([tick])))
    row = await store.latest("AAPL")
    assert row is not None
    assert (row["price"], row["volume"], row["at"]) == (price, quantity, AT)
