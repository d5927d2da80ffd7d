"""What the app's own services do to it: a database that restarts, and clocks that are set."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from fixtures.backing import Exchange, Redis, new_database, postgres, running
from fixtures.environment import environ_of
from fixtures.process import Process

ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}
SECONDS = {"REQUEST_SECONDS": "1", "DRAIN_SECONDS": "0", "PRESTOP_SECONDS": "0", "LOG_LEVEL": "ERROR"}
WALL = """
import time
_true = time.time
time.time = lambda: _true() + float(open({path!r}).read())
"""
"""Imported first by a process whose clock is set while it runs."""
JUMPS = (20, -20, 3600, -3600)
SETTLE_SECONDS = 90.0


@contextmanager
def surroundings() -> Iterator[tuple[Any, Exchange, dict[str, str]]]:
    """A database server, an exchange that executes whatever reaches it, and the environment of an app with both."""
    with postgres() as server, running(Redis()) as redis, running(Exchange(dedup=False)) as exchange:
        yield server, exchange, environ_of(**new_database(server), **redis.environ, **exchange.environ) | SECONDS


# --8<-- [start:database]
def restart_database(mode: str, times: int) -> dict[str, Any]:
    """Restart PostgreSQL under readers and writers: how often the app died, what was answered, what became of orders.

    A smart stop waits for its clients, and those of a pool never go: after a second it is followed by a fast one.
    """
    with surroundings() as (server, exchange, environ), Fleet(environ) as fleet, Load(fleet) as load:
        for _ in range(times):
            if mode == "smart":
                _pg_ctl(server, "-m", "smart", "-t", "1", "stop")
            _pg_ctl(server, "-m", "immediate" if mode == "immediate" else "fast", "stop")
            time.sleep(0.2)
            server.start()
            time.sleep(0.5)
            fleet.revive()
        load.stop()
        return {
            "restarts": times,
            "processes_ended": fleet.ended,
            "answers": dict(sorted(load.statuses.items())),
            "connections_broken": load.broken,
            **_books(fleet, exchange, load.accepted),
        }


# --8<-- [end:database]


# --8<-- [start:clocks]
def jump_clocks(whose: str, times: int) -> dict[str, Any]:
    """Set the clock of the database, or of one of two workers, ahead and back while submissions are on their way."""
    with surroundings() as (server, exchange, environ), tempfile.TemporaryDirectory() as place:
        offset = Path(place, "offset")
        offset.write_text("0")
        Path(place, "sitecustomize.py").write_text(WALL.format(path=str(offset)))
        ahead = _shift(server, environ["DB_NAME"])
        with Fleet(environ, replicas=2, before=Path(place)) as fleet:
            exchange.faults(submit={"delay": 1.0, "seconds": 1.8})
            accepted = []
            for number in range(times):
                for replica in fleet.replicas:
                    answer = replica.http.post("/orders", json=ORDER, headers={"Idempotency-Key": f"{number}{replica}"})
                    accepted.append(answer.json()["id"])
                time.sleep(0.5)
                total = sum(JUMPS[: number % len(JUMPS) + 1])
                if whose == "database":
                    ahead(total)
                else:
                    offset.write_text(str(total))
            exchange.faults()
            return {"jumps": times, **_books(fleet, exchange, accepted)}


# --8<-- [end:clocks]


class Fleet:
    """Processes of the app; one that ended is counted and started again."""

    def __init__(self, environ: dict[str, str], replicas: int = 1, before: Path | None = None) -> None:
        self._environ, self._before = environ, before
        self.replicas = [self._start() for _ in range(replicas)]
        self.ended = 0

    def __enter__(self) -> Fleet:
        for replica in self.replicas:
            replica.until("/health/ready", 200)
        return self

    def __exit__(self, *_: object) -> None:
        for replica in self.replicas:
            replica.child.kill()
            replica.exit_code()

    def _start(self) -> Process:
        return Process("app", self._environ, before=self._before)

    def revive(self) -> None:
        """Start what has ended."""
        for at, replica in enumerate(self.replicas):
            if replica.child.poll() is not None:
                self.ended += 1
                self.replicas[at] = self._start()


class Load:
    """Two writers and two readers; only an answer with an id counts as an order."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet, self._over = fleet, threading.Event()
        self.statuses: Counter[int] = Counter()
        self.broken, self.accepted = 0, list[str]()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(4)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Each finishes the request that it has."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        count = 0
        with httpx.Client(timeout=30) as http:
            while not self._over.wait(0.03):
                count += 1
                url = f"http://127.0.0.1:{self._fleet.replicas[0].port}"
                try:
                    if number < 2:
                        key = {"Idempotency-Key": f"{number}-{count}"}
                        answer = http.post(f"{url}/orders", json=ORDER, headers=key)
                    else:
                        answer = http.get(f"{url}/positions")
                except httpx.TransportError:
                    self.broken += 1
                    continue
                self.statuses[answer.status_code] += 1
                if number < 2 and answer.is_success:
                    self.accepted.append(answer.json()["id"])


def _books(fleet: Fleet, exchange: Exchange, accepted: list[str]) -> dict[str, int]:
    """What the exchange executed, once every order has had the time to reach it."""
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        fleet.revive()
        executed = exchange.journal()["executions"]
        lost = [order for order in accepted if order not in executed]
        if not lost or time.monotonic() > end:
            doubled = sum(count > 1 for count in executed.values())
            return {"orders": len(accepted), "orders_lost": len(lost), "orders_doubled": doubled}
        time.sleep(0.5)


def _shift(server: Any, name: str) -> Any:
    """Give one database a clock of its own; the function sets it, in seconds from the true one."""

    def run(statement: str) -> None:
        server.psql(f"\\connect {name}\n{statement};")

    run("CREATE SCHEMA shift; CREATE TABLE shift.ahead AS SELECT interval '0' AS by")
    body = "SELECT pg_catalog.now() + by FROM shift.ahead"
    run(f"CREATE FUNCTION shift.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ {body} $$")
    run(f"ALTER DATABASE {name} SET search_path = shift, pg_catalog, public")
    return lambda seconds: run(f"UPDATE shift.ahead SET by = interval '{seconds} s'")


def _pg_ctl(server: Any, *arguments: str) -> None:
    command = [str(server.bin_path / "pg_ctl"), "-w", "-D", str(server.pgdata), *arguments]
    subprocess.run(command, user=server.system_user, capture_output=True, check=False)
