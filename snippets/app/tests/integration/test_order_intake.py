"""The HTTP interface of orders, over a real database (App document 7.4)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message

from app.answers import explain
from app.metrics import Metrics
from app.orders.audit import Audit
from app.orders.intake import router
from app.orders.metrics import OrderMetrics
from app.orders.model import Fill, Order
from app.orders.store import Store
from app.orders.wake import Wake
from app.settings import Settings

MANY = """
WITH made AS (
    INSERT INTO orders (id, idempotency_key, symbol, side, quantity, price, status)
    SELECT gen_random_uuid(), n, 'AAPL', 'buy', 4, 10, 'accepted' FROM generate_series(1, 20000) AS n RETURNING *
)
INSERT INTO order_events (order_id, seq, event, status) SELECT id, 1, 'accepted', status FROM made
"""
ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "4", "price": "10.50"}


@pytest.fixture
def metrics() -> Metrics:
    """What is counted."""
    return Metrics()


@pytest.fixture
async def app(store: Store, settings: Settings, metrics: Metrics) -> AsyncIterator[FastAPI]:
    """The routes."""
    wake = Wake(settings.redis_url.get_secret_value())
    app = FastAPI()
    explain(app)
    app.include_router(router(store, wake, Audit(OrderMetrics(metrics.registry))))
    yield app
    await wake.aclose()


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of them."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        yield client


def key(value: str = "k") -> dict[str, str]:
    """The header."""
    return {"Idempotency-Key": value}


Became = Callable[[Store, Order], Awaitable[object]]


@pytest.mark.rule("RES003", "MET004")
@pytest.mark.parametrize(
    "became",
    [
        lambda store, order: store.place(order, "x-1"),
        lambda store, order: store.reject(order, "unknown symbol"),
        lambda store, order: store.release(order, "circuit open", 60),
        lambda store, order: store.leave(order, "no answer"),
        lambda store, order: store.fill(Fill(1, order.id, "x-1", order.quantity, order.price)),
    ],
    ids=["placed", "rejected", "released", "unanswered", "filled"],
)
async def test_a_repeated_request_has_the_same_answer_and_no_effect(
    http: httpx.AsyncClient, store: Store, metrics: Metrics, caplog: pytest.LogCaptureFixture, became: Became
) -> None:
    """The same body and place whatever became of the order; there is one order, told of and counted once."""
    caplog.set_level(logging.INFO, "audit")
    first = await http.post("/orders", json=ORDER, headers=key())
    [order] = await store.claim("worker", 30, 1)
    await became(store, order)
    before = await store._pool.fetch("SELECT * FROM orders")
    again = [await http.post("/orders", json=ORDER, headers=key()) for _ in range(2)]
    assert [answer.is_success for answer in (first, *again)] == [True] * 3
    assert [answer.json() for answer in again] == [first.json()] * 2
    assert {answer.headers["Location"] for answer in (first, *again)} == {f"/orders/{order.id}"}
    assert await store._pool.fetch("SELECT * FROM orders") == before
    assert [record.getMessage() for record in caplog.records if record.name == "audit"] == ["accepted"]
    counted = {"side": "buy", "status": "accepted"}
    assert metrics.registry.get_sample_value("trading_orders_total", counted) == 1


async def test_the_status_tells_a_new_order_from_a_known_one(http: httpx.AsyncClient) -> None:
    """201 once, 200 after."""
    answers = [await http.post("/orders", json=ORDER, headers=key()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]


@pytest.mark.rule("RES003", "TRD008")
async def test_another_order_under_a_used_key_is_refused(http: httpx.AsyncClient) -> None:
    """A key is one order; another key is another, with the same contents too."""
    await http.post("/orders", json=ORDER, headers=key())
    other = await http.post("/orders", json=ORDER | {"quantity": "5"}, headers=key())
    new = await http.post("/orders", json=ORDER, headers=key("k2"))
    assert (other.status_code, new.status_code) == (422, 201)


@pytest.mark.rule("RES003")
async def test_an_order_without_a_key_is_refused(http: httpx.AsyncClient, store: Store) -> None:
    """Nothing is taken in that could not be repeated."""
    missing = await http.post("/orders", json=ORDER)
    empty = await http.post("/orders", json=ORDER, headers=key(""))
    assert (missing.status_code, empty.status_code, await store.depth()) == (422, 422, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"symbol": "apple; DROP"},
        {"side": "hold"},
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "NaN"},
        {"price": "1e400"},
        {"price": None},
        {"surprise": 1},
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(
    http: httpx.AsyncClient, store: Store, change: dict[str, object]
) -> None:
    """Before it reaches the database."""
    answer = await http.post("/orders", json=ORDER | change, headers=key())
    assert (answer.status_code, await store.depth()) == (422, 0)


@pytest.mark.rule("TRD004")
async def test_an_order_can_be_read_with_its_trail(http: httpx.AsyncClient) -> None:
    """What is asked for and what became of it."""
    receipt = (await http.post("/orders", json=ORDER, headers=key())).json()
    shown = (await http.get(f"/orders/{receipt['id']}")).json()
    events = (await http.get(f"/orders/{receipt['id']}/events")).json()
    assert receipt.items() <= shown.items()
    assert (shown["status"], shown["filled"], shown["exchange_id"], shown["reason"]) == ("accepted", "0", None, None)
    assert [(event["seq"], event["event"]) for event in events] == [(1, "accepted")]


async def test_an_unknown_order_is_not_found(http: httpx.AsyncClient) -> None:
    """An id that nobody was given."""
    assert (await http.get(f"/orders/{uuid4()}")).status_code == 404


@pytest.mark.rule("RES006", "TRD004")
async def test_the_whole_trail_is_exported_line_by_line(http: httpx.AsyncClient) -> None:
    """One JSON object for each event of every order, in order."""
    ids = sorted([(await http.post("/orders", json=ORDER, headers=key(str(n)))).json()["id"] for n in range(3)])
    answer = await http.get("/audit")
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [(line["order_id"], line["seq"]) for line in lines] == [(order_id, 1) for order_id in ids]


@pytest.mark.rule("RES006")
async def test_no_answer_is_put_together_in_memory(http: httpx.AsyncClient, app: FastAPI, store: Store) -> None:
    """With twenty thousand orders, whatever can be read is sent in pieces of which none comes near the whole."""
    order_id = (await http.post("/orders", json=ORDER, headers=key())).json()["id"]
    await store._pool._opened.execute(MANY, timeout=30)
    paths = [path for path, operations in app.openapi()["paths"].items() if "get" in operations]
    assert "/audit" in paths
    for path in paths:
        sizes = await sizes_of(app, path.format(order_id=order_id))
        assert (path, max(sizes) < 1_000_000) == (path, True)
        if path == "/audit":
            assert sum(sizes) > 1_500_000


@pytest.mark.rule("RUN004")
async def test_a_reader_that_leaves_gives_its_connection_back(app: FastAPI, store: Store) -> None:
    """Whoever stops halfway through the trail holds nothing of the database any more."""
    await store._pool._opened.execute(MANY, timeout=30)
    for _ in range(3):
        await leave(app, "/audit")
    async with asyncio.timeout(10):
        while store._audit._opened.get_idle_size() < store._audit._opened.get_size():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def leave(app: FastAPI, path: str) -> None:
    """Hang up after the first part of an answer."""
    begun = asyncio.Event()

    async def receive() -> Message:
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            begun.set()
            await asyncio.Future()

    async with asyncio.timeout(10):
        await app({"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}, receive, send)


async def sizes_of(app: FastAPI, path: str) -> list[int]:
    """The bytes of each part of an answer, as the server is given them."""
    sizes: list[int] = []

    async def receive() -> Message:
        return await asyncio.Future()

    async def send(message: Message) -> None:
        sizes.append(len(message.get("body", b"")))

    await app({"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}, receive, send)
    return sizes


async def test_positions_are_shown(http: httpx.AsyncClient, store: Store) -> None:
    """The sum of what was filled, as a decimal number."""
    order, _ = await store.add("k", "AAPL", "sell", Decimal(4), Decimal(10))
    await store.fill(Fill(1, order.id, "x-1", Decimal("1.5"), Decimal(10)))
    assert (await http.get("/positions")).json() == {"AAPL": "-1.5"}


async def test_without_the_database_the_client_is_told_to_try_again(http: httpx.AsyncClient, store: Store) -> None:
    """503 with Retry-After: the key makes it safe."""
    await store.aclose()
    answer = await http.post("/orders", json=ORDER, headers=key())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


@pytest.mark.rule("MET004")
async def test_orders_are_counted_by_side_and_status(store: Store) -> None:
    """One series for each side and event."""
    metrics = Metrics()
    order, _ = await store.add("k", "AAPL", "sell", Decimal(4), Decimal(10))
    Audit(OrderMetrics(metrics.registry)).record("accepted", order)
    assert metrics.registry.get_sample_value("trading_orders_total", {"side": "sell", "status": "accepted"}) == 1
