"""Wake-up calls through a real Redis, and past one that hangs or breaks (App document 7.3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from redis.exceptions import RedisError

from app.orders import wake as module
from app.orders.wake import Wake
from fixtures.backing import Redis

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def wake(redis: Redis) -> AsyncIterator[Wake]:
    """The wake-up calls of one process."""
    opened = Wake(redis.environ["REDIS_URL"])
    yield opened
    await opened.aclose()


@asynccontextmanager
async def broken(answer: Answer) -> AsyncIterator[tuple[Wake, list[int]]]:
    """Wake-up calls through a Redis that does this with every connection, and the connections so far."""
    connections: list[int] = []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(len(connections))
        await answer(writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        opened = Wake(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
        yield opened, connections
        await opened.aclose()


@asynccontextmanager
async def followed(wake: Wake) -> AsyncIterator[None]:
    """The wake-up calls are listened to, until the end of the test however it ends."""
    async with wake.connect() as channel:
        following = asyncio.create_task(wake.follow(channel))
        try:
            yield
        finally:
            following.cancel()
            await asyncio.wait([following], timeout=5)


@asynccontextmanager
async def hanging() -> AsyncIterator[Wake]:
    """Wake-up calls through a Redis that takes connections and says nothing."""
    released = asyncio.Event()

    async def hang(_: asyncio.StreamWriter) -> None:
        await released.wait()

    async with broken(hang) as (wake, _):
        yield wake
        released.set()


async def hang_up(_: asyncio.StreamWriter) -> None:
    """No answer, and the end."""


async def hears(wake: Wake) -> bool:
    """Whether somebody has called, without waiting."""
    called = wake._event.is_set()
    async with asyncio.timeout(5):
        await wake.wait(0)
    return called


async def until(true: Callable[[], bool]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  several kinds of things are waited for
            await asyncio.sleep(0.01)


async def test_a_call_ends_the_wait_and_is_answered_once(wake: Wake) -> None:
    """Who is called while it works does not sleep next, and then sleeps again."""
    await wake.notify()
    async with asyncio.timeout(10):
        await wake.wait(3600)
    assert not await hears(wake)


async def test_a_wait_ends_by_itself(wake: Wake) -> None:
    """Nobody calls: the worker looks anyway."""
    async with asyncio.timeout(10):
        await wake.wait(0.01)


async def test_another_process_is_woken(wake: Wake, redis: Redis) -> None:
    """By each call, and by nothing else: to have subscribed is no call."""
    other = Wake(redis.environ["REDIS_URL"])
    async with followed(wake):
        await asyncio.sleep(0.1)
        assert not await hears(wake)
        for _ in range(2):
            await other.notify()
            await until(wake._event.is_set)
            assert await hears(wake)
    await other.aclose()


@pytest.mark.rule("RES023")
async def test_the_own_worker_is_woken_without_redis(caplog: pytest.LogCaptureFixture) -> None:
    """An order is taken in although nobody else can be told; a debug line says why."""
    async with broken(hang_up) as (wake, connections):
        with caplog.at_level("DEBUG", "app.orders.wake"):
            await wake.notify()
        assert await hears(wake)
    assert caplog.messages == ["no wake-up call: ConnectionError"]
    assert len(connections) == 1


@pytest.mark.rule("RES007")
async def test_a_request_is_not_held_up_by_a_redis_that_hangs(caplog: pytest.LogCaptureFixture) -> None:
    """The call is given up while the client still waits for its answer, and nothing fails."""
    async with hanging() as wake, asyncio.timeout(5):
        with caplog.at_level("DEBUG", "app.orders.wake"):
            await wake.notify()
    assert caplog.messages == ["no wake-up call: TimeoutError"]


@pytest.mark.rule("RES007")
async def test_a_subscription_to_a_redis_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop hears of it, and tries again."""
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.05)
    async with hanging() as wake, asyncio.timeout(5):
        with pytest.raises(TimeoutError):
            await wake.connect().__aenter__()


@pytest.mark.rule("RES023")
async def test_only_the_loop_tries_again() -> None:
    """A ping that meets a broken connection says so at once: readiness would hear of the outage too late."""
    async with broken(hang_up) as (wake, connections):
        with pytest.raises(RedisError):
            await wake.ping()
        assert len(connections) == 1


@pytest.mark.rule("RES011")
async def test_calls_share_a_connection(wake: Wake) -> None:
    """Twenty of them need no more than one of their own beside that of whoever counts."""
    await wake.ping()
    before = (await wake._redis.info("stats"))["total_connections_received"]
    for _ in range(20):
        await wake.notify()
    assert (await wake._redis.info("stats"))["total_connections_received"] <= before + 1


async def test_redis_is_given_two_seconds_to_connect(wake: Wake) -> None:
    """The library by itself would wait for as long as the kernel does."""
    assert wake._redis.connection_pool.connection_kwargs["socket_connect_timeout"] == 2


@pytest.mark.rule("RUN001", "RUN004")
async def test_listening_ends_at_whatever_moment_it_is_cancelled(wake: Wake, redis: Redis) -> None:
    """A drain that began while a command was on its way to Redis would wait for the listening for ever."""
    other = Wake(redis.environ["REDIS_URL"])
    for attempt in range(200):
        async with wake.connect() as channel:
            following = asyncio.create_task(wake.follow(channel))
            if attempt % 2:
                await other.notify()
            for _ in range(attempt // 2 % 25):
                await asyncio.sleep(0)
            following.cancel()
            _, running = await asyncio.wait([following], timeout=5)
            while not following.done():
                following.cancel()
                await asyncio.wait([following], timeout=1)
            assert not running, f"attempt {attempt} went on"
    await other.aclose()


async def test_a_quiet_connection_is_tried_now_and_then(wake: Wake, monkeypatch: pytest.MonkeyPatch) -> None:
    """No message may mean that nothing happened, or that Redis is gone: an answer to a ping tells, each time anew."""
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.05)
    pings = count_pings(wake, monkeypatch)
    async with followed(wake):
        await until(lambda: len(pings) >= 3)


async def test_a_quiet_connection_is_not_tried_all_the_time(wake: Wake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once after the subscription, and then when it has been silent for long."""
    pings = count_pings(wake, monkeypatch)
    async with followed(wake):
        await asyncio.sleep(0.2)
    assert len(pings) <= 2


@pytest.mark.rule("RUN001", "RUN004")
async def test_a_redis_that_answers_no_ping_is_given_up(wake: Wake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop hears of it, and connects again."""
    async with asyncio.timeout(10), wake.connect() as channel:
        monkeypatch.setattr(module, "SILENCE_SECONDS", 0.05)
        monkeypatch.setattr(wake._redis, "ping", asyncio.Event().wait)
        with pytest.raises(TimeoutError):
            await wake.follow(channel)


def count_pings(wake: Wake, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """A list that grows with each ping."""
    pings: list[None] = []
    ping = wake._redis.ping

    async def counted() -> object:
        pings.append(None)
        return await ping()

    monkeypatch.setattr(wake._redis, "ping", counted)
    return pings
