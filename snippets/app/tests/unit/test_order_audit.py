"""What the log and the metrics say of an event of an order."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from app import logs
from app.metrics import Metrics
from app.orders.audit import Audit
from app.orders.model import Order, Side, Status

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = Order(
    UUID(int=7), "k", "AAPL", Side.SELL, Decimal(4), Decimal(10), Status.PLACED,
    Decimal(0), "x-1", None, None, NOW, 1, 3, NOW,
)  # fmt: skip


@pytest.mark.rule("TRD004")
def test_an_event_is_a_line_with_the_order_and_what_belongs_to_the_event(caplog: pytest.LogCaptureFixture) -> None:
    """Id, symbol and side stand in every line, so that one search finds all of an order."""
    with caplog.at_level("INFO", "audit"):
        Audit(Metrics()).record("fill", ORDER, quantity="1.5", exchange_seq=9)
    line = json.loads(logs.JsonFormatter().format(caplog.records[0]))
    del line["time"]
    assert line == {
        "level": "INFO", "logger": "audit", "message": "fill", "action": "fill", "order_id": str(ORDER.id),
        "symbol": "AAPL", "side": "sell", "quantity": "1.5", "exchange_seq": 9,
    }  # fmt: skip


@pytest.mark.rule("MET004")
def test_an_event_is_one_more_of_its_side_and_kind() -> None:
    """Two fills and a rejection are counted apart."""
    metrics = Metrics()
    for event in ("fill", "fill", "rejected"):
        Audit(metrics).record(event, ORDER)
    counted = [
        metrics.registry.get_sample_value("trading_orders_total", {"side": "sell", "status": event})
        for event in ("fill", "rejected")
    ]
    assert counted == [2, 1]
