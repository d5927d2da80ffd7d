"""What the log and the metrics say of an event of an order."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from app import logs
from app.metrics import Metrics
from app.orders.audit import Audit
from app.orders.metrics import OrderMetrics
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
        Audit(OrderMetrics(CollectorRegistry())).record("fill", ORDER, quantity="1.5", exchange_seq=9)
    line = json.loads(logs.JsonFormatter().format(caplog.records[0]))
    del line["time"]
    assert line == {
        "level": "INFO", "logger": "audit", "message": "fill", "action": "fill", "order_id": str(ORDER.id),
        "symbol": "AAPL", "side": "sell", "quantity": "1.5", "exchange_seq": 9,
    }  # fmt: skip


@pytest.mark.rule("MET004")
def test_an_event_is_one_more_of_its_side_and_kind() -> None:
    """Every kind of event is counted apart, and buys apart from sells."""
    metrics = Metrics()
    audit = Audit(OrderMetrics(metrics.registry))
    events = ["accepted", "claimed", "placed", "released", "unanswered", "fill", "rejected"]
    for number, event in enumerate(events, start=1):
        for _ in range(number):
            audit.record(event, ORDER)
    audit.record("fill", replace(ORDER, side=Side.BUY))
    assert counted(metrics) == {("sell", event): number for number, event in enumerate(events, start=1)} | {
        ("buy", "fill"): 1
    }


@pytest.mark.rule("MET005")
def test_orders_without_end_make_no_series() -> None:
    """Neither their symbols nor their ids are labels."""
    metrics = Metrics()
    audit = Audit(OrderMetrics(metrics.registry))
    for number in range(100):
        audit.record("accepted", replace(ORDER, id=UUID(int=number), symbol=f"S{number}"), reason=str(number))
    assert counted(metrics) == {("sell", "accepted"): 100}


def counted(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """The orders of a scrape, by all the labels that they have."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(generate_latest(metrics.registry).decode())
        for sample in family.samples
        if sample.name == "trading_orders_total"
    }
