"""The stop of the real app, seen by who sends orders (App document 6.2)."""

from __future__ import annotations

import time

import httpx
import pytest

from fixtures.process import Process

SOON = 0.5
"""Seconds in which a server that was told to stop accepting has stopped."""
ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}


@pytest.mark.rule("SHD001")
def test_orders_are_taken_and_shown_during_the_drain(environ: dict[str, str]) -> None:
    """By the real app: what still arrives is served as before, on new connections too."""
    with Process("app", environ | {"DRAIN_SECONDS": "20"}) as process:
        process.until("/health/ready", 200)
        process.signal()
        process.until_logged("draining")
        taken = process.http.post("/orders", json=ORDER, headers={"Idempotency-Key": "one"})
        time.sleep(SOON)
        shown = httpx.get(f"http://127.0.0.1:{process.port}/orders/{taken.json()['id']}")
        assert (taken.status_code, shown.status_code, process.http.get("/positions").status_code) == (201, 200, 200)
