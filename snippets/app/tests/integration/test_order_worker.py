"""One worker, a real database and an exchange that executes whatever reaches it (App document 7.2, 7.4)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest
from prometheus_client import CollectorRegistry

from app.orders.audit import Audit
from app.orders.exchange import open_exchange
from app.orders.fills import FillStream
from app.orders.metrics import OrderMetrics
from app.orders.model import Order, Status
from app.orders.store import Store
from app.orders.wake import Wake
from app.orders.worker import Worker
from app.settings import Settings
from app.shared.errors import TransientError
from fixtures.backing import Exchange

LEASE = 30.0


class Skipping:
    """A monotonic clock that a test can make skip."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return time.monotonic() + self.skipped


async def make_worker(settings: Settings, store: Store) -> AsyncIterator[Worker]:
    """A worker with its connections."""
    client, wake = open_exchange(settings), Wake(settings.redis_url.get_secret_value())
    audit = Audit(OrderMetrics(CollectorRegistry()))
    stream = FillStream(store, audit, settings.api_endpoint, settings.api_key.get_secret_value())
    yield Worker(
        store, client, stream, wake, audit, on_state=lambda name, up: None, lease_seconds=LEASE, clock=Skipping()
    )
    await client.aclose()
    await wake.aclose()


@pytest.fixture
async def worker(settings: Settings, store: Store) -> AsyncIterator[Worker]:
    """A worker."""
    async for made in make_worker(settings, store):
        yield made


async def lease_over(worker: Worker) -> None:
    """Let a lease pass after the worker has seen what the others have."""
    assert isinstance(worker._clock, Skipping)
    worker._clock.skipped += LEASE
    await worker._overdue()
    worker._clock.skipped += LEASE


async def add(store: Store, symbol: str = "AAPL") -> Order:
    """A new order."""
    order, _ = await store.add(str(uuid4()), symbol, "buy", Decimal(4), Decimal(10))
    return order


async def seen(store: Store, order: Order) -> tuple[Status, list[str]]:
    """The order's status, and the events of its trail."""
    current = await store.get(order.id)
    assert current is not None
    return current.status, [event["event"] for event in await store.events(order.id)]


def executed(exchange: Exchange, order: Order) -> int:
    """How often the exchange executed the order."""
    return int(exchange.journal()["executions"].get(str(order.id), 0))


async def test_a_new_order_is_sent_and_written_down(worker: Worker, store: Store, exchange: Exchange) -> None:
    """The usual case."""
    order = await add(store)
    assert await worker.cycle() == 1
    assert await seen(store, order) == (Status.PLACED, ["accepted", "claimed", "placed"])
    assert executed(exchange, order) == 1


@pytest.mark.rule("TRD008", "RES001")
async def test_an_order_that_a_dead_worker_sent_is_not_sent_again(
    worker: Worker, store: Store, exchange: Exchange, settings: Settings
) -> None:
    """The worker died between sending and writing down: the next one asks first, and finds it."""
    order = await add(store)
    [claimed] = await store.claim("dead", LEASE, 1)
    client = open_exchange(settings)
    exchange_id = await client.submit(claimed, time.time() + LEASE)
    await client.aclose()
    await lease_over(worker)
    assert await worker.cycle() == 1
    current = await store.get(order.id)
    assert current is not None
    assert (current.status, current.exchange_id, executed(exchange, order)) == (Status.PLACED, exchange_id, 1)


@pytest.mark.rule("RES001", "TRD002")
async def test_an_order_that_a_dead_worker_did_not_send_is_sent(
    worker: Worker, store: Store, exchange: Exchange
) -> None:
    """The worker died between claiming and sending."""
    order = await add(store)
    await store.claim("dead", 0.0, 1)
    await lease_over(worker)
    await worker.cycle()
    assert await seen(store, order) == (Status.PLACED, ["accepted", "claimed", "recovered", "placed"])
    assert executed(exchange, order) == 1


@pytest.mark.rule("TRD006")
async def test_an_order_that_the_exchange_refuses_is_rejected_for_good(
    worker: Worker, store: Store, exchange: Exchange
) -> None:
    """A permanent error ends the order with its reason; nobody tries again."""
    order = await add(store, symbol="NOSUCH")
    await worker.cycle()
    assert await seen(store, order) == (Status.REJECTED, ["accepted", "claimed", "rejected"])
    current = await store.get(order.id)
    assert current is not None
    assert "422" in str(current.reason)
    assert await worker.cycle() == 0
    assert exchange.journal()["submissions"][str(order.id)] == 1


@pytest.mark.rule("TRD006", "TRD008")
@pytest.mark.parametrize(("fault", "executions"), [("error_after", 1), ("reset_after", 1), ("silence", 0)])
async def test_after_an_error_that_leaves_it_open_the_exchange_is_asked(
    worker: Worker, store: Store, exchange: Exchange, fault: str, executions: int
) -> None:
    """Executed or not, the order stays leased; when the lease is over it is at the exchange once."""
    order = await add(store)
    exchange.faults(submit={fault: 1.0})
    await worker.cycle()
    assert await seen(store, order) == (Status.SENDING, ["accepted", "claimed", "unanswered"])
    assert executed(exchange, order) == executions
    exchange.faults()
    assert await worker.cycle() == 0  # not before the lease is over
    await lease_over(worker)
    assert await worker.cycle() == 1
    status, events = await seen(store, order)
    assert (status, events[-2:]) == (Status.PLACED, ["recovered", "placed"])
    assert executed(exchange, order) == 1


@pytest.mark.rule("TRD006", "RES012")
async def test_with_an_open_circuit_nothing_is_sent_and_the_order_waits(
    worker: Worker, store: Store, exchange: Exchange
) -> None:
    """It is not even claimed; one that was claimed before is released at once, not after its lease."""
    order = await add(store)

    async def fail() -> None:
        raise TransientError("down")

    for _ in range(10):
        with pytest.raises(TransientError):
            await worker._exchange.client.breaker.call(fail)
    await worker.cycle()
    assert await seen(store, order) == (Status.ACCEPTED, ["accepted"])
    [claimed] = await store.claim("before", LEASE, 1)
    await worker.work(claimed, worker._clock())
    assert await seen(store, order) == (Status.ACCEPTED, ["accepted", "claimed", "released"])
    assert str(order.id) not in exchange.journal()["submissions"]


@pytest.mark.rule("TRD006")
async def test_an_error_of_ours_does_not_reject_the_order(store: Store, settings: Settings, exchange: Exchange) -> None:
    """The exchange does not know our key: that is not the order's fault."""
    wrong = settings.model_copy(update={"api_key": type(settings.api_key)("not-the-key")})
    async for worker in make_worker(wrong, store):
        order = await add(store)
        await worker.cycle()
        assert await seen(store, order) == (Status.ACCEPTED, ["accepted", "claimed", "released"])


@pytest.mark.rule("TRD008")
async def test_without_an_answer_to_the_lookup_nothing_is_sent(
    worker: Worker, store: Store, exchange: Exchange
) -> None:
    """Who cannot ask does not guess."""
    order = await add(store)
    await store.claim("dead", 0.0, 1)
    await lease_over(worker)
    exchange.faults(find={"error_before": 1.0})
    await worker.cycle()
    assert await seen(store, order) == (Status.ACCEPTED, ["accepted", "claimed", "recovered", "released"])
    assert str(order.id) not in exchange.journal()["submissions"]


@pytest.mark.rule("TRD008", "TRD010")
async def test_a_submission_that_outlived_its_lease_is_refused(
    worker: Worker, store: Store, settings: Settings, exchange: Exchange
) -> None:
    """Neither the worker that was paused nor the network that was slow can send what another one recovers."""
    order = await add(store)
    [claimed] = await store.claim("paused", LEASE, 1)
    await worker.work(claimed, worker._clock() - 0.8 * LEASE)
    assert await seen(store, order) == (Status.ACCEPTED, ["accepted", "claimed", "released"])
    body = {"client_order_id": str(order.id), "symbol": "AAPL", "side": "buy", "quantity": "1", "price": "1"}
    headers = {"X-API-Key": settings.api_key.get_secret_value()}
    async with httpx.AsyncClient(base_url=exchange.url, headers=headers) as http:
        answer = await http.post("/orders", json=body | {"valid_until": time.time() - 0.01})
    assert (answer.status_code, executed(exchange, order)) == (408, 0)


@pytest.mark.rule("RES004", "TRD008")
async def test_two_workers_send_each_order_once(store: Store, settings: Settings, exchange: Exchange) -> None:
    """Forty orders, two workers that take them from each other's hands."""
    orders = [await add(store) for _ in range(40)]
    async for one in make_worker(settings, store):
        async for two in make_worker(settings, store):
            await asyncio.gather(*(each.cycle() for each in (one, two) * 3))
    executions = exchange.journal()["executions"]
    assert [executions.get(str(order.id)) for order in orders] == [1] * 40


@pytest.mark.rule("TRD004")
async def test_every_event_is_a_line_of_the_log_with_the_order_id(
    worker: Worker, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """What the trail says, standard output says."""
    order, refused = await add(store), await add(store, symbol="NOSUCH")
    with caplog.at_level(logging.INFO, "audit"):
        await worker.cycle()
    said = {(vars(line)["order_id"], vars(line)["action"]) for line in caplog.records if line.name == "audit"}
    ids = (str(order.id), str(refused.id))
    assert said == {(ids[0], "claimed"), (ids[0], "placed"), (ids[1], "claimed"), (ids[1], "rejected")}
