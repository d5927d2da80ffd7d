"""The watch that the app keeps over itself, and what short memory does to new work."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from app import services
from app.config import load_settings
from app.health import Check
from app.main import create_app
from app.metrics import Metrics
from app.services import AppServices
from app.settings import Settings
from app.shared.memory import Memory, MemoryGuard
from fixtures.environment import ENVIRONMENT


def trading(monkeypatch: pytest.MonkeyPatch, memory: Memory) -> tuple[FastAPI, AppServices, Metrics]:
    """The app and its services in a container whose kernel says this about memory, after one look at it."""
    monkeypatch.setattr(services, "MemoryGuard", lambda: MemoryGuard(lambda: memory))
    built: list[tuple[AppServices, Metrics]] = []

    def build(settings: object, draining: asyncio.Event, metrics: Metrics) -> AppServices:
        built.append((AppServices(load_settings(ENVIRONMENT), draining, metrics), metrics))
        return built[0][0]

    app = create_app(load_settings(ENVIRONMENT), build)
    parts, metrics = built[0]
    parts._measure()
    return app, parts, metrics


async def order(app: FastAPI) -> httpx.Response:
    """Send an order that is not even well-formed: whoever looks at it answers 422."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        return await client.post("/orders", json={})


@pytest.mark.rule("RES005")
@pytest.mark.parametrize(("used", "status"), [(79, 422), (80, 503)])
async def test_new_work_is_refused_while_memory_is_short(
    monkeypatch: pytest.MonkeyPatch, used: int, status: int
) -> None:
    """From four fifths of the container's limit on; the caller is told to come back."""
    app, _, metrics = trading(monkeypatch, Memory(working_set=used, limit=100))
    answer = await order(app)
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, "1" if status == 503 else None)
    if status == 503:
        assert answer.json() == {"detail": "memory is short"}
    counted = {"method": "POST", "route": "/orders", "status": str(status)}
    assert metrics.registry.get_sample_value("http_requests_total", counted) == 1


@pytest.mark.rule("MET003")
@pytest.mark.parametrize(("limit", "shown"), [(100, 100), (None, math.inf)])
async def test_memory_and_its_limit_are_shown(monkeypatch: pytest.MonkeyPatch, limit: int | None, shown: float) -> None:
    """Utilisation is their quotient, and 0 where there is no limit."""
    _, _, metrics = trading(monkeypatch, Memory(working_set=50, limit=limit))
    values = [metrics.registry.get_sample_value(f"memory_{name}_bytes") for name in ("working_set", "limit")]
    assert values == [50, shown]


class Orders:
    """An order system that works until the drain, and finds its state as the test says."""

    def __init__(self, settings: Settings, draining: asyncio.Event, metrics: Metrics) -> None:
        self.given = (settings, draining, metrics)
        self.routers: list[APIRouter] = []
        self.checks = [Check("postgres", self.close)]
        self.did: list[str] = []
        self.looks = 0
        self.problem: str | None = None
        self.error: Exception | None = None

    async def start(self) -> None:
        """Remember it."""
        self.did.append("start")

    async def work(self) -> None:
        """Fail, or run until the drain starts."""
        if self.error:
            raise self.error
        await self.given[1].wait()
        await asyncio.sleep(0.01)  # what it holds is brought to its end
        self.did.append("work")

    async def close(self) -> None:
        """Remember it."""
        self.did.append("close")

    async def consistent(self) -> str | None:
        """The self-check."""
        self.looks += 1
        if self.problem == "hangs":
            await asyncio.sleep(3600)
        return self.problem


class Watched:
    """The services around such an order system, which look at themselves all the time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **environ: str) -> None:
        self.used, self.draining, self.metrics = 0, asyncio.Event(), Metrics()
        self.settings = load_settings(ENVIRONMENT | environ)
        monkeypatch.setattr(services, "OrderSystem", Orders)
        monkeypatch.setattr(services, "MemoryGuard", lambda: MemoryGuard(self._memory))
        monkeypatch.setattr(services, "CHECK_SECONDS", 0.001)
        monkeypatch.setattr(services, "WATCH_SECONDS", 0.001)
        self.trading = AppServices(self.settings, self.draining, self.metrics)
        assert isinstance(self.trading._orders, Orders)
        self.orders: Orders = self.trading._orders

    def _memory(self) -> Memory:
        self.used += 1
        return Memory(working_set=self.used, limit=10**9)

    def shown(self, metric: str, **labels: str) -> float | None:
        """The value of a metric."""
        return self.metrics.registry.get_sample_value(metric, labels)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """While the loops run; they end with the drain."""
        work = asyncio.create_task(self.trading.work())
        yield
        self.draining.set()
        async with asyncio.timeout(10):
            await work

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for it."""
        async with asyncio.timeout(10):
            while not true():  # noqa: ASYNC110  numbers that others count, not an event
                await asyncio.sleep(0.001)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Services whose state is sound."""
    return Watched(monkeypatch)


async def test_the_order_system_shares_settings_drain_and_metrics(watched: Watched) -> None:
    """It is started, probed and closed as a part of the app."""
    assert watched.orders.given == (watched.settings, watched.draining, watched.metrics)
    assert [check.name for check in watched.trading.checks] == ["postgres"]
    await watched.trading.start()
    await watched.trading.close()
    assert watched.orders.did == ["start", "close"]


@pytest.mark.rule("MET003")
async def test_memory_is_measured_before_the_start_and_again_and_again(watched: Watched) -> None:
    """The first order already meets a guard that knows, and a slow leak is seen while it grows."""
    await watched.trading.start()
    assert watched.shown("memory_working_set_bytes") == 1
    async with watched.working():
        await watched.until(lambda: (watched.shown("memory_working_set_bytes") or 0) > 3)


@pytest.mark.rule("RUN005")
def test_the_state_is_checked_every_few_seconds_or_minutes() -> None:
    """Not all the time, and long before a customer would see it."""
    assert 1 <= services.CHECK_SECONDS <= 300


@pytest.mark.rule("RUN005")
@pytest.mark.parametrize(("problem", "sound"), [(None, 1), ("position of BTC differs", 0)])
async def test_the_state_is_checked_again_and_again_and_shown(
    watched: Watched, problem: str | None, sound: float
) -> None:
    """A broken invariant is a metric, and so is the room for files and connections."""
    watched.orders.problem = problem
    async with watched.working():
        await watched.until(lambda: watched.orders.looks > 3)
    assert (watched.shown("self_check_ok", name="orders"), watched.shown("self_check_ok", name="descriptors")) == (
        sound, 1,
    )  # fmt: skip


async def test_a_check_that_hangs_has_failed_at_the_deadline_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not keep the others from being asked."""
    watched = Watched(monkeypatch, REQUEST_SECONDS="0.01")
    watched.orders.problem = "hangs"
    async with watched.working():
        await watched.until(lambda: watched.shown("self_check_ok", name="descriptors") == 1)
    assert watched.shown("self_check_ok", name="orders") == 0


@pytest.mark.rule("SHD008")
async def test_all_loops_end_when_the_drain_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, however long they would have rested; none is cut off with an order in hand."""
    watched = Watched(monkeypatch)
    monkeypatch.setattr(services, "CHECK_SECONDS", 3600)
    monkeypatch.setattr(services, "WATCH_SECONDS", 3600)
    async with watched.working():
        await watched.until(lambda: watched.orders.looks == 1 and watched.used == 1)
    assert (watched.orders.did, watched.orders.looks, watched.used) == (["work"], 1, 1)


async def test_a_loop_that_fails_ends_the_others(watched: Watched) -> None:
    """A process that works no orders must not look alive because it still measures its memory."""
    watched.orders.error = RuntimeError("the loop is broken")
    async with asyncio.timeout(10):
        with pytest.raises(ExceptionGroup) as ended:
            await watched.trading.work()
    assert ended.value.exceptions == (watched.orders.error,)
