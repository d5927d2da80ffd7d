"""The order system put together: its own parts are real, what it is attached to is steered by the test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import httpx2
import pytest
from fastapi import FastAPI
from redis.exceptions import ConnectionError as RedisConnectionError
from websockets.asyncio.server import ServerConnection, serve

from app.config import load_settings
from app.health import Health
from app.metrics import Metrics
from app.orders import system as module
from app.orders.model import Fill, Order, Side, Status
from app.orders.system import OrderSystem
from app.settings import Settings
from app.shared.breaker import CircuitBreaker
from app.shared.errors import UnavailableError
from fixtures.environment import environ_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = Order(
    UUID(int=7), "k", "AAPL", Side.BUY, Decimal(4), Decimal(10), Status.SENDING,
    Decimal(0), None, None, "owner", NOW, 1, 2, NOW,
)  # fmt: skip
FILL = Fill(1, ORDER.id, "x-1", Decimal(4), Decimal(10))


class Part:
    """What can be away and can be closed."""

    def __init__(self) -> None:
        self.away: list[Exception] = []
        self.closed = False

    async def ping(self) -> None:
        """Answer, unless it is away."""
        if self.away:
            raise self.away.pop(0)

    open = ping

    async def aclose(self) -> None:
        """Close."""
        self.closed = True


class Orders(Part):
    """A database with one order that is due, and one that is known."""

    def __init__(self) -> None:
        super().__init__()
        self.leases: list[float] = []
        self.placed: list[str] = []
        self.fills: list[Fill] = []
        self.wrong: list[str] = []

    async def sending(self) -> list[tuple[UUID, int]]:
        """None."""
        return []

    async def claim(self, owner: str, lease_seconds: float, limit: int, overdue: object) -> list[Order]:
        """The order, the first time."""
        self.leases.append(lease_seconds)
        return [ORDER] if len(self.leases) == 1 else []

    async def place(self, order: Order, exchange_id: str) -> bool:
        """Write it down."""
        self.placed.append(exchange_id)
        return True

    async def last_fill(self) -> int:
        """There is none."""
        return 0

    async def fill(self, fill: Fill) -> Order:
        """Count it."""
        self.fills.append(fill)
        return ORDER

    async def add(self, *_: object) -> tuple[Order, bool]:
        """A new one."""
        return ORDER, True

    async def depth(self) -> int:
        """How many wait."""
        return 3

    async def mismatches(self) -> list[str]:
        """What is wrong."""
        return self.wrong


class Calls(Part):
    """A Redis through which nobody calls but the test."""

    def __init__(self) -> None:
        super().__init__()
        self.notified = 0
        self.waited = asyncio.Event()

    async def notify(self) -> None:
        """Count it."""
        self.notified += 1

    async def wait(self, seconds: float) -> None:
        """Let the others have their turn."""
        self.waited.set()
        await asyncio.sleep(0.001)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[None]:
        """Subscribe."""
        yield

    async def follow(self, _: None) -> None:
        """Stay."""
        await asyncio.Event().wait()


class Market(Part):
    """An exchange that takes every order."""

    def __init__(self) -> None:
        super().__init__()
        self.client = SimpleNamespace(breaker=CircuitBreaker("exchange"))
        self.submitted, self.seconds = asyncio.Event(), 0.0

    async def time_at(self, moment: float) -> float:
        """Its clock is ours."""
        return moment

    async def submit(self, order: Order, valid_until: float) -> str:
        """Take it, in its own time."""
        self.submitted.set()
        await asyncio.sleep(self.seconds)
        return "x-1"


class Parts:
    """The system and all that it is attached to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, url: str = "http://127.0.0.1:1") -> None:
        self.store, self.wake, self.exchange = Orders(), Calls(), Market()
        self.settings = load_settings(environ_of(API_ENDPOINT=url, API_KEY="k3y-two", REQUEST_SECONDS="2"))
        self.draining = asyncio.Event()
        self.metrics = Metrics()

        def of_settings(part: Part) -> Callable[[Settings], Part]:
            def build(settings: Settings) -> Part:
                assert settings is self.settings
                return part

            return build

        def wake(url: str) -> Calls:
            assert url == self.settings.redis_url.get_secret_value()
            return self.wake

        monkeypatch.setattr(module, "Store", of_settings(self.store))
        monkeypatch.setattr(module, "open_exchange", of_settings(self.exchange))
        monkeypatch.setattr(module, "Wake", wake)
        self.system = OrderSystem(self.settings, self.draining, self.metrics)

    def counted(self, event: str) -> float | None:
        """The counter of this event."""
        return self.metrics.registry.get_sample_value("trading_orders_total", {"side": "buy", "status": event})

    def up(self, name: str) -> float | None:
        """The gauge of this connection."""
        return self.metrics.registry.get_sample_value("connection_up", {"name": name})

    async def checks(self) -> dict[str, dict[str, object]]:
        """What readiness says of each dependency."""
        return await Health(self.system.checks, self.draining, timeout=5, ttl=0).results()


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    """A system whose stream of fills reaches nobody."""
    return Parts(monkeypatch)


@pytest.fixture
async def pauses(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """The waits of the start, which take no time, and what they were made from."""
    asked: list[tuple[object, ...]] = []

    def jitter(*arguments: float) -> float:
        asked.append(arguments)
        return arguments[0]

    async def pause(*arguments: object) -> None:
        asked.append(arguments)

    monkeypatch.setattr(module, "full_jitter", jitter)
    monkeypatch.setattr(module, "pause", pause)
    return asked


@pytest.mark.rule("RUN001", "TRD002")
async def test_the_start_waits_for_the_database_longer_each_time(
    parts: Parts, pauses: list[tuple[object, ...]], caplog: pytest.LogCaptureFixture
) -> None:
    """Two refusals, then an answer: the log says what is waited for, and the start is over."""
    parts.store.away = [UnavailableError("ConnectionRefusedError"), UnavailableError("TimeoutError")]
    await parts.system.start()
    assert pauses == [(1, 0.2, 10.0), (parts.draining, 1), (2, 0.2, 10.0), (parts.draining, 2)]
    assert caplog.messages == ["waiting for postgres: ConnectionRefusedError", "waiting for postgres: TimeoutError"]


@pytest.mark.rule("PRB005")
async def test_an_unfit_database_ends_the_start(parts: Parts) -> None:
    """A missing table does not pass by itself."""
    parts.store.away = [LookupError("no such table")]
    with pytest.raises(LookupError):
        await parts.system.start()


@pytest.mark.rule("PRB011")
@pytest.mark.parametrize("away", ["wake", "exchange"])
async def test_the_start_waits_for_nothing_that_is_optional(
    parts: Parts, pauses: list[tuple[object, ...]], away: str
) -> None:
    """Without Redis or the exchange the app starts as it does with them."""
    part: Part = getattr(parts, away)
    part.away = [RedisConnectionError() for _ in range(1000)]
    async with asyncio.timeout(10):
        await parts.system.start()
    assert (len(part.away), pauses) == (1000, [])


async def test_the_drain_ends_the_wait_for_the_database(parts: Parts) -> None:
    """Who is told to stop while it starts does not try once more."""
    parts.store.away = [UnavailableError()]
    parts.draining.set()
    await parts.system.start()
    assert len(parts.store.away) == 1


@pytest.mark.rule("SHD004")
@pytest.mark.parametrize("stuck", ["store", "wake", "exchange"])
async def test_the_close_gives_everything_back(parts: Parts, stuck: str) -> None:
    """Database, Redis, exchange; one that hangs keeps no other open."""
    hanging: Part = getattr(parts, stuck)
    hanging.aclose = asyncio.Event().wait  # type: ignore[method-assign,assignment]
    closing = asyncio.create_task(parts.system.close())
    await asyncio.wait([closing], timeout=0.05)
    closing.cancel()
    closed = {part: getattr(parts, part).closed for part in ("store", "wake", "exchange")}
    assert closed == {part: part != stuck for part in closed}


@pytest.mark.rule("MET003")
async def test_the_queue_is_measured_while_the_exchange_is_away(parts: Parts) -> None:
    """That is when it grows."""
    assert (await parts.checks())["exchange"]["ok"] is False
    assert parts.metrics.registry.get_sample_value("order_queue_depth") == 3


@pytest.mark.rule("RUN005")
@pytest.mark.parametrize(("wrong", "found"), [([], None), (["this"], "this"), (["this", "that"], "this; that")])
async def test_the_self_check_names_everything_that_differs(parts: Parts, wrong: list[str], found: str | None) -> None:
    """And says nothing while nothing does."""
    parts.store.wrong = wrong
    assert await parts.system.consistent() == found


@pytest.mark.rule("PRB011", "TRD005")
async def test_only_the_database_is_critical(parts: Parts) -> None:
    """Before the first connection to the exchange its state is known: it is down."""
    states = {name: (check["ok"], check["critical"]) for name, check in (await parts.checks()).items()}
    assert [name for name, (_, critical) in states.items() if critical] == ["postgres"]
    assert (states["postgres"], states["redis"], states["exchange"]) == ((True, True), (True, False), (False, False))
    with pytest.raises(ConnectionError, match=r"^the stream of fills is down$"):
        await parts.system.checks[2].probe()


async def test_each_dependency_is_asked_by_its_own_check(parts: Parts) -> None:
    """Redis down is not the database down."""
    parts.wake.away = [ConnectionResetError()]
    first = await parts.checks()
    parts.store.away = [TimeoutError()]
    second = await parts.checks()
    assert [(checks["postgres"]["ok"], checks["redis"]["ok"]) for checks in (first, second)] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.rule("RES011")
def test_one_client_of_the_exchange_serves_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop and readiness share it, its pool and its circuit."""
    made: list[object] = []

    class Counted(httpx2.AsyncClient):
        def __init__(self, **options: Any) -> None:
            made.append(self)
            super().__init__(**options)

    monkeypatch.setattr(httpx2, "AsyncClient", Counted)
    OrderSystem(load_settings(environ_of()), asyncio.Event(), Metrics())
    assert len(made) == 1


@pytest.mark.rule("RES004", "TRD002")
async def test_a_lease_outlasts_the_work_and_not_the_patience(parts: Parts) -> None:
    """A lookup and a submission that use all their time fit into it; what a dead worker held is free in minutes."""
    parts.draining.set()
    await parts.system.start()
    await parts.system._worker.cycle()
    longest = 2 * parts.settings.request_seconds
    assert longest < parts.store.leases[0] < 300


async def test_an_order_that_comes_in_is_counted_and_wakes_the_worker(parts: Parts) -> None:
    """The routes share store, log, metrics and wake-up call with the loop."""
    app = FastAPI()
    for router in parts.system.routers:
        app.include_router(router)
    order = {"symbol": "AAPL", "side": "buy", "quantity": "4", "price": "10"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        answer = await client.post("/orders", json=order, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, parts.counted("accepted"), parts.wake.notified) == (201, 1, 1)


@pytest.mark.rule("SHD008")
async def test_nothing_is_claimed_while_the_last_order_is_finished(parts: Parts) -> None:
    """However long the exchange takes for it after the drain has begun."""
    parts.exchange.seconds = 1.5
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(parts.system.work())
        await parts.exchange.submitted.wait()
        parts.draining.set()
        claims = len(parts.store.leases)
    assert (parts.store.placed, len(parts.store.leases)) == (["x-1"], claims)


@pytest.mark.rule("MET003", "TRD005")
async def test_the_loop_brings_orders_to_the_exchange_and_fills_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease lasts three request deadlines; readiness and metrics show the connections, until the drain."""
    asked: list[tuple[str, str | None]] = []

    async def tell(connection: ServerConnection) -> None:
        assert connection.request is not None
        asked.append((connection.request.path, connection.request.headers.get("X-API-Key")))
        message = {
            "type": "fill",
            "seq": 1,
            "client_order_id": str(ORDER.id),
            "exchange_id": "x-1",
            "quantity": "4",
            "price": "10",
        }
        await connection.send(json.dumps(message))
        await connection.wait_closed()

    async with serve(tell, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        parts = Parts(monkeypatch, f"http://127.0.0.1:{port}")
        working = asyncio.create_task(parts.system.work())
        async with asyncio.timeout(10):
            while not (parts.counted("fill") and parts.counted("placed") and parts.wake.waited.is_set()):
                assert not working.done()
                await asyncio.sleep(0.01)
        assert asked == [("/stream?after=0", "k3y-two")]
        assert (parts.store.placed, parts.store.fills, parts.store.leases[0]) == (["x-1"], [FILL], 6.0)
        assert [parts.up(name) for name in ("postgres", "redis", "exchange")] == [1, 1, 1]
        checks = await parts.checks()
        shown = {key: value for check in checks.values() for key, value in check.items()}
        assert checks["exchange"]["ok"] is True
        assert (shown["stream"], shown["circuit"], shown["waiting_orders"]) == ("up", "closed", 3)
        assert parts.metrics.registry.get_sample_value("order_queue_depth") == 3
        parts.draining.set()
        await working
    assert (parts.up("exchange"), parts.up("redis")) == (0, 0)
    assert (await parts.checks())["exchange"]["ok"] is False
