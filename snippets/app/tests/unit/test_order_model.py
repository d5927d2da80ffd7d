"""What a row of the table becomes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from app.orders.model import Order, Side, Status

ROW = {
    "id": UUID(int=7),
    "idempotency_key": "k",
    "symbol": "AAPL",
    "side": "sell",
    "quantity": Decimal(4),
    "price": Decimal("10.50"),
    "status": "placed",
    "filled": Decimal("1.5"),
    "exchange_id": "x-1",
    "reason": "slow",
    "lease_owner": "worker",
    "lease_until": datetime(2026, 1, 2, tzinfo=UTC),
    "attempts": 2,
    "version": 5,
    "created_at": datetime(2026, 1, 1, tzinfo=UTC),
}


def test_an_order_holds_what_its_row_holds() -> None:
    """Each column under its name; a column that a newer migration has added does no harm."""
    assert asdict(Order.of(ROW | {"updated_at": datetime(2026, 1, 3, tzinfo=UTC)})) == ROW


def test_side_and_status_are_of_their_types() -> None:
    """The database knows texts: the code compares members."""
    order = Order.of(ROW)
    assert (order.side, order.status) == (Side.SELL, Status.PLACED)
    assert (type(order.side), type(order.status)) == (Side, Status)
