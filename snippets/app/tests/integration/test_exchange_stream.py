"""The stream of fills, through whatever happens to a connection (App document 7.3)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from app.orders.audit import Audit
from app.orders.exchange import open_exchange
from app.orders.fills import FillStream
from app.orders.metrics import OrderMetrics
from app.orders.store import Store
from app.orders.wake import Wake
from app.settings import Settings
from app.shared.backoff import reconnect
from fixtures.backing import Exchange, Redis, running

SILENCE = 1.2


@pytest.fixture
async def states(settings: Settings, store: Store, exchange: Exchange) -> AsyncIterator[list[bool]]:
    """What `on_state` heard while the stream was followed into the store."""
    heard: list[bool] = []
    draining = asyncio.Event()
    key = settings.api_key.get_secret_value()
    stream = FillStream(
        store, Audit(OrderMetrics(CollectorRegistry())), settings.api_endpoint, key, silence_seconds=SILENCE
    )
    following = asyncio.create_task(
        reconnect(
            "exchange",
            stream.connect,
            stream.follow,
            draining,
            on_state=lambda name, up: heard.append(up),
            base_seconds=0.05,
            cap_seconds=0.2,
        )
    )
    yield heard
    draining.set()
    await following


async def trade(settings: Settings, store: Store, orders: int) -> None:
    """Bring orders to the exchange."""
    client = open_exchange(settings)
    for _ in range(orders):
        await store.add(str(uuid4()), "AAPL", "buy", Decimal(4), Decimal(10))
    for order in await store.claim("worker", 30, orders):
        await store.place(order, await client.submit(order, time.time() + 30))
    await client.aclose()


async def eventually(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  several kinds of things are waited for
            await asyncio.sleep(0.02)


async def all_filled(store: Store, orders: int, seconds: float = 30) -> None:
    """Wait until every order is filled."""
    async with asyncio.timeout(seconds):
        while await store._pool.fetchval("SELECT count(*) FROM orders WHERE status = 'filled'") < orders:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.rule("TRD003", "RUN001")
@pytest.mark.parametrize(
    "fault",
    [{"duplicate": 0.5}, {"gap": 0.2}, {"reset": 0.2}, {"silence": 0.1}, {"refuse": 0.5, "reset": 0.2}],
    ids=lambda fault: next(iter(fault)),
)
async def test_every_fill_is_counted_once(
    settings: Settings,
    store: Store,
    exchange: Exchange,
    states: list[bool],
    fault: dict[str, float],
) -> None:
    """Doubled, skipped, cut off, gone silent, refused: in the end the position is what the exchange executed."""
    await eventually(lambda: True in states)
    exchange.faults(stream=fault)
    orders, met = 0, False
    while not met:  # twenty fills may pass without a fault
        orders += 20
        await trade(settings, store, 20)
        await all_filled(store, orders)
        met = "duplicate" in fault or False in states
    assert await store.positions() == {"AAPL": 4 * orders}
    assert await store.mismatches() == []


@pytest.mark.rule("RUN001", "RUN004")
async def test_a_silent_stream_is_given_up_and_opened_again(
    settings: Settings, store: Store, exchange: Exchange, states: list[bool]
) -> None:
    """A connection that looks alive but says nothing is not waited for."""
    await eventually(lambda: states == [True])
    await trade(settings, store, 1)
    await all_filled(store, 1)
    exchange.faults(stream={"silence": 1.0})
    await trade(settings, store, 1)
    await eventually(lambda: False in states)
    exchange.faults()
    await all_filled(store, 2)


@pytest.mark.rule("RES001")
async def test_fills_of_the_time_when_nobody_listened_are_read_later(
    settings: Settings, store: Store, exchange: Exchange
) -> None:
    """The stream is taken up after the last fill in the database, twice, and none of what came between is missed."""
    key = settings.api_key.get_secret_value()
    for more, filled in ((1, 1), (3, 4)):
        before = await store.last_fill()
        await trade(settings, store, more)
        await asyncio.sleep(0.5)
        assert await store.last_fill() == before
        stream = FillStream(store, Audit(OrderMetrics(CollectorRegistry())), settings.api_endpoint, key)
        async with stream.connect() as connection:
            following = asyncio.create_task(stream.follow(connection))
            await all_filled(store, filled)
            following.cancel()
    assert await store.positions() == {"AAPL": 16}


@pytest.mark.rule("RUN001")
async def test_wake_up_calls_come_through_redis_and_again_after_it_was_away() -> None:
    """Another replica hears of new orders; without Redis nothing fails, and with it back it hears again."""
    with running(Redis()) as redis:
        url = redis.environ["REDIS_URL"]
        sender, sleeper = Wake(url), Wake(url)
        heard: list[bool] = []
        draining = asyncio.Event()
        following = asyncio.create_task(
            reconnect(
                "redis",
                sleeper.connect,
                sleeper.follow,
                draining,
                on_state=lambda name, up: heard.append(up),
                base_seconds=0.05,
                cap_seconds=0.2,
            )
        )
        await eventually(lambda: heard == [True])
        await sender.notify()
        await eventually(sleeper._event.is_set)
        await sleeper.wait(0)
        redis.stop()
        await sender.notify()
        await eventually(lambda: False in heard)
        redis.start()
        await eventually(lambda: heard[-1])
        await sender.notify()
        await eventually(sleeper._event.is_set)
        draining.set()
        await following
        await sender.aclose()
        await sleeper.aclose()
