"""What is measured of orders."""

from __future__ import annotations

import pytest

from app.metrics import Metrics
from app.orders.metrics import OrderMetrics


@pytest.mark.rule("MET003", "MET004")
def test_the_metrics_of_orders_have_their_names_and_labels() -> None:
    """Dashboards and alerts are written against them."""
    metrics = Metrics()
    orders = OrderMetrics(metrics.registry)
    orders.orders.labels("buy", "filled").inc()
    orders.queue_depth.set(3)
    assert metrics.registry.get_sample_value("trading_orders_total", {"side": "buy", "status": "filled"}) == 1
    assert metrics.registry.get_sample_value("order_queue_depth") == 3


def test_each_metric_of_orders_is_explained_in_a_sentence() -> None:
    """Whoever meets one in Prometheus reads there what it is."""
    metrics = Metrics()
    of_any_service = {each.name for each in metrics.registry.collect()}
    OrderMetrics(metrics.registry)
    own = [each for each in metrics.registry.collect() if each.name not in of_any_service]
    assert [(each.name, each.documentation[-1]) for each in own] == [
        ("order_queue_depth", "."),
        ("trading_orders", "."),
    ]
