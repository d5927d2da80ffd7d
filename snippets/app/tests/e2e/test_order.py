"""One order from the request to the books, through everything that production has."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from fixtures.backing import Exchange, Redis, new_database, postgres, running
from fixtures.environment import environ_of
from fixtures.process import SOURCES, Process

ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "4", "price": "10"}


@pytest.mark.rule("RES001", "TRD004", "OWN021")
def test_an_order_is_filled_booked_and_still_there_after_a_restart() -> None:
    """Migrate, start, order, fill, stop, start again: what the customer was told stays true."""
    with postgres() as server, running(Redis()) as redis, running(Exchange()) as exchange:
        environ = environ_of(**new_database(server, "template0"), **redis.environ, **exchange.environ)
        job = [sys.executable, "-m", "app.migrate"]
        assert subprocess.run(job, env=environ | {"PYTHONPATH": str(SOURCES)}, check=False).returncode == 0
        with Process("app", environ) as app:
            app.until("/health/ready", 200)
            receipt = app.http.post("/orders", json=ORDER, headers={"Idempotency-Key": "one"}).json()
            filled = app.eventually(lambda: _when(app, f"/orders/{receipt['id']}", "status", "filled"))
            app.signal()
            assert app.exit_code() == 0
        with Process("app", environ) as again:
            again.until("/health/ready", 200)
            assert again.http.get(f"/orders/{receipt['id']}").json() == filled
            assert again.http.get("/positions").json() == {"AAPL": "4.00"}
            events = [event["event"] for event in again.http.get(f"/orders/{receipt['id']}/events").json()]
            assert (events[0], events.count("fill") >= 1) == ("accepted", True)


def _when(app: Process, path: str, key: str, wanted: str) -> dict[str, Any] | None:
    found = dict(app.http.get(path).json())
    return found if found[key] == wanted else None
