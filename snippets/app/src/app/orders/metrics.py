"""What is measured of orders, beside what every service measures."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


# --8<-- [start:define]
class OrderMetrics:
    """The queue and the business, in the registry of the app (App document 6.5)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.queue_depth = Gauge("order_queue_depth", "Orders accepted and not yet worked.", registry=registry)
        # Symbols and order ids are no labels, there is no end to them.
        self.orders = Counter(
            "trading_orders_total", "Orders by side and status.", ["side", "status"], registry=registry
        )


# --8<-- [end:define]
