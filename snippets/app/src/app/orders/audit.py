"""Says on standard output and in the metrics what the audit trail has recorded."""

from __future__ import annotations

import logging

from app.orders.metrics import OrderMetrics
from app.orders.model import Order


# --8<-- [start:audit]
class Audit:
    """Reports events of orders; called after the change is committed, so that it never tells of what is not."""

    def __init__(self, metrics: OrderMetrics) -> None:
        self._orders = metrics.orders

    def record(self, event: str, order: Order, **fields: object) -> None:
        """One line of the log with the order's id, and one more of its kind in the counter (App document 7.2)."""
        line = {"action": event, "order_id": str(order.id), "symbol": order.symbol, "side": order.side, **fields}
        logging.getLogger("audit").info(event, extra=line)
        self._orders.labels(order.side, event).inc()


# --8<-- [end:audit]
