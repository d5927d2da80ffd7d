"""What the routes of orders answer, over a store that needs no database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from app.orders import intake as module
from app.orders.audit import Audit
from app.orders.intake import router
from app.orders.metrics import OrderMetrics
from app.orders.model import Order, Side, Status
from app.orders.store import Store
from app.orders.wake import Wake

NOW = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
ORDER = Order(
    UUID(int=7), "k", "AAPL", Side.BUY, Decimal("4E+2"), Decimal("0.00000010"), Status.PLACED,
    Decimal("1E+1"), "x-1", "slow", None, NOW, 1, 3, NOW,
)  # fmt: skip
RECEIPT = {
    "id": str(ORDER.id),
    "symbol": "AAPL",
    "side": "buy",
    "quantity": "400",
    "price": "0.00000010",
    "created_at": "2026-01-01T12:30:00+00:00",
}


class Orders:
    """A store with one order, which is known already, and three lines of its trail."""

    async def add(self, *_: object) -> tuple[Order, bool]:
        """The order."""
        return ORDER, False

    async def get(self, _: UUID) -> Order:
        """The order."""
        return ORDER

    async def trail(self, *place: object) -> AsyncIterator[dict[str, Any]]:
        """The lines after a place, in two chunks."""
        self.asked = place
        for seq in (1, 2, 3):
            yield {"order_id": ORDER.id, "seq": seq, "at": NOW}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the routes; the order is known, so nobody is woken."""
    app = FastAPI()
    app.include_router(router(cast(Store, Orders()), cast(Wake, None), Audit(OrderMetrics(CollectorRegistry()))))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        yield client


async def test_the_receipt_tells_what_was_asked_for(http: httpx.AsyncClient) -> None:
    """Numbers are texts with all their digits and no exponent, the time has its zone."""
    order = {"symbol": "AAPL", "side": "buy", "quantity": "400", "price": "0.0000001"}
    answer = await http.post("/orders", json=order, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()) == (200, RECEIPT)


@pytest.mark.rule("TRD004")
async def test_an_order_is_shown_with_what_became_of_it(http: httpx.AsyncClient) -> None:
    """The receipt, and what may change."""
    became = {"status": "placed", "filled": "10", "exchange_id": "x-1", "reason": "slow"}
    assert (await http.get(f"/orders/{ORDER.id}")).json() == RECEIPT | became


@pytest.mark.rule("RES006", "TRD004")
async def test_each_line_of_the_trail_is_a_line_of_the_export(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks leave no trace; the last line ends with a newline too."""
    monkeypatch.setattr(module, "CHUNK_LINES", 2)
    text = (await http.get("/audit")).text
    lines = [{"order_id": str(ORDER.id), "seq": seq, "at": str(NOW)} for seq in (1, 2, 3)]
    assert [json.loads(line) for line in text.split("\n")[:-1]] == lines
    assert text.endswith("}\n")


@pytest.mark.rule("RES025")
@pytest.mark.parametrize(
    ("after", "status"),
    [("", 200), (f"{ORDER.id}:2", 200), (f"{'-' * 36}:2", 422), (f"{ORDER.id}", 422), (f"{ORDER.id}:{'9' * 20}", 422)],
)
async def test_a_reader_says_where_it_goes_on(http: httpx.AsyncClient, after: str, status: int) -> None:
    """With the order and the number of its last line, and with nothing else."""
    assert (await http.get("/audit", params={"after": after})).status_code == status
