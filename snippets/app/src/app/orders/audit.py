"""Says on standard output and in the metrics what the audit trail has recorded."""

from __future__ import annotations

from app import logs
from app.metrics import Metrics
from app.orders.model import Order


class Audit:
    """Reports events of orders; called after the change is committed, so that it never tells of what is not."""

    def __init__(self, metrics: Metrics) -> None:
        self._orders = metrics.orders

    def record(self, event: str, order: Order, **fields: object) -> None:
        """One line of the log with the order's id, and one more of its kind in the counter (App document 7.2)."""
        logs.audit(event, order.id, symbol=order.symbol, side=order.side, **fields)
        self._orders.labels(order.side, event).inc()
