"""The HTTP interface of orders, over a real database (App document 7.4)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.config import Settings
from app.metrics import Metrics
from app.orders.audit import Audit
from app.orders.intake import router
from app.orders.model import Fill
from app.orders.store import Store
from app.orders.wake import Wake

ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "4", "price": "10.50"}


@pytest.fixture
def metrics() -> Metrics:
    """What the routes count."""
    return Metrics()


@pytest.fixture
async def http(store: Store, settings: Settings, metrics: Metrics) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the routes."""
    wake = Wake(settings.redis_url.get_secret_value())
    app = FastAPI()
    app.include_router(router(store, wake, Audit(metrics)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        yield client
    await wake.aclose()


def key(value: str = "k") -> dict[str, str]:
    """The header."""
    return {"Idempotency-Key": value}


@pytest.mark.rule("RES003", "MET004")
async def test_a_repeated_request_gets_the_same_answer(http: httpx.AsyncClient, store: Store, metrics: Metrics) -> None:
    """201 once, 200 after, the same body and place; still so when the order has moved on, and it counts once."""
    first = await http.post("/orders", json=ORDER, headers=key())
    [order] = await store.claim("worker", 30, 1)
    await store.place(order, "x-1")
    again = await http.post("/orders", json=ORDER, headers=key())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["Location"] == again.headers["Location"] == f"/orders/{order.id}"
    assert metrics.registry.get_sample_value("trading_orders_total", {"side": "buy", "status": "accepted"}) == 1


@pytest.mark.rule("RES003")
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
    Audit(metrics).record("accepted", order)
    assert metrics.registry.get_sample_value("trading_orders_total", {"side": "sell", "status": "accepted"}) == 1
