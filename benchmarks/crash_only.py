"""Kill replicas of the reference app at random moments, then compare its books with the exchange's.

`python -m benchmarks.crash_only` runs the full count and writes build/benchmarks/crash_only.json;
tests/app/test_crash_only.py runs the same with a small count.
The exchange executes every submission that reaches it: it does not deduplicate, so that nothing hides
an order that was sent twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from benchmarks._app import PATHS, find

find()

from benchmarks._report import MEASURED, rows_of, write  # noqa: E402
from fixtures.backing import Exchange, Redis, new_database, postgres, running  # noqa: E402
from fixtures.environment import environ_of, free_port  # noqa: E402

from app.config import load_settings  # noqa: E402
from app.orders.model import NEXT, Status  # noqa: E402
from app.orders.store import Store  # noqa: E402

HTTP_FAULTS = {
    "delay": 0.10,
    "error_before": 0.04,
    "error_after": 0.04,
    "reset_before": 0.04,
    "reset_after": 0.04,
    "drip": 0.04,
    "silence": 0.01,
    "seconds": 1.2,
}
FAULTS = {
    "submit": HTTP_FAULTS,
    "find": HTTP_FAULTS,
    "stream": {"duplicate": 0.05, "gap": 0.01, "reset": 0.01, "silence": 0.002},
}
SYMBOLS = ["AAPL", "MSFT", "NVDA"]
OPEN = "SELECT count(*) FROM orders WHERE status NOT IN ('filled', 'rejected')"
REPLICAS = 2
WORKING_SECONDS = 1.5
FILL_SECONDS = 6.0
"""Longer than a lease: an order that rests cannot rely on its fill to tell that it was sent."""
PAUSE_SECONDS = 4.0
"""Longer than a lease: the paused replica comes back to orders that are not its own any more."""


@dataclass
class Figures:
    """What the run saw; the lists of problems are empty when the app keeps its promises."""

    kills: int = 0
    pauses: int = 0
    orders: int = 0
    repeated_requests: int = 0
    recovered_orders: int = 0
    submissions_again: int = 0
    refused_late: int = 0
    faults: int = 0
    lost: list[str] = field(default_factory=list)
    sent_twice: list[str] = field(default_factory=list)
    audit_gaps: list[str] = field(default_factory=list)
    answers_differ: list[str] = field(default_factory=list)
    books_differ: list[str] = field(default_factory=list)
    ready_seconds: list[float] = field(default_factory=list)
    order_seconds: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """The figures: counts, and the spread of the times."""
        return {
            name: _spread(value) if name.endswith("_seconds") else len(value) if isinstance(value, list) else value
            for name, value in vars(self).items()
        }

    def problems(self) -> list[str]:
        """Everything that was lost, sent twice, missing or different."""
        return [*self.lost, *self.sent_twice, *self.audit_gaps, *self.answers_differ, *self.books_differ]


def crash_only(
    kills: int, *, orders: int = 0, sabotage: str = "", faults: dict[str, dict[str, float]] | None = None
) -> Figures:
    """Run until at least `kills` SIGKILLs were sent and `orders` taken, let the orders settle, and compare."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres())
        redis = stack.enter_context(running(Redis()))
        exchange = stack.enter_context(running(Exchange(dedup=False, fill_seconds=FILL_SECONDS)))
        environ = environ_of(**new_database(server), **redis.environ, **exchange.environ)
        exchange.faults(**(faults or FAULTS))
        fleet = [Replica(sabotage, environ) for _ in range(REPLICAS)]
        return asyncio.run(_run(kills, orders, environ, fleet, exchange))


async def _run(kills: int, orders: int, environ: dict[str, str], fleet: list[Replica], exchange: Exchange) -> Figures:
    figures = Figures()
    clients = Clients(fleet, figures)
    stop = asyncio.Event()
    store = Store(load_settings(environ))
    await store.open()
    try:
        ordering = [asyncio.create_task(clients.order(stop)) for _ in range(3)]
        await asyncio.gather(*(replica.suffer(kills, figures) for replica in fleet))
        while len(clients.accepted) < orders:  # noqa: ASYNC110  the replicas are left in peace meanwhile
            await asyncio.sleep(0.1)
        stop.set()
        await asyncio.gather(*ordering)
        exchange.faults()
        await settle(store)
        await compare(environ, store, exchange.journal(), clients.accepted, figures)
    finally:
        await asyncio.gather(*(replica.kill() for replica in fleet))
        await store.aclose()
    return figures


class Replica:
    """One process of the app that is killed and started again on the same port."""

    def __init__(self, sabotage: str, environ: dict[str, str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, "-m", "benchmarks._sabotage" if sabotage else "app"]
        self._environ = environ | {
            "PATH": os.environ["PATH"],
            "SABOTAGE": sabotage,
            "PYTHONPATH": os.pathsep.join(map(str, PATHS)),
            "SERVICE_PORT": str(port),
            "REQUEST_SECONDS": "1",
            "PROBE_TTL_SECONDS": "0.2",
            "LOG_LEVEL": "WARNING",
        }
        self._process: asyncio.subprocess.Process | None = None

    async def suffer(self, kills: int, figures: Figures) -> None:
        """Start, work for a random time, be killed; now and then be paused for longer than a lease instead."""
        await self._start()
        while figures.kills < kills:
            killed = time.monotonic()
            early = random.random() < 0.15  # killed on its way up
            if not early and await self._ready() and figures.kills:
                figures.ready_seconds.append(time.monotonic() - killed)
            await asyncio.sleep(random.uniform(0, WORKING_SECONDS))
            if random.random() < 0.05:
                figures.pauses += 1
                self._send(signal.SIGSTOP)
                await asyncio.sleep(PAUSE_SECONDS)
                self._send(signal.SIGCONT)
                await asyncio.sleep(random.uniform(0, WORKING_SECONDS))
            figures.kills += 1
            await self.kill()
            await self._start()

    async def _start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *self._command, env=self._environ, stdout=asyncio.subprocess.DEVNULL
        )

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def kill(self) -> None:
        """End it as the kernel would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _ready(self) -> bool:
        end = time.monotonic() + 30
        async with httpx.AsyncClient(base_url=self.url, timeout=2) as http:
            while time.monotonic() < end:
                try:
                    if (await http.get("/health/ready")).status_code == 200:
                        return True
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
        return False


class Clients:
    """Customers who repeat a request with the same key until they have an answer."""

    def __init__(self, fleet: list[Replica], figures: Figures) -> None:
        self._fleet, self._figures = fleet, figures
        self.accepted: dict[str, dict[str, Any]] = {}

    async def order(self, stop: asyncio.Event) -> None:
        """One order after the other; some requests are sent again, to any replica, after they were answered."""
        async with httpx.AsyncClient(timeout=2) as http:
            while not stop.is_set():
                key = str(uuid4())
                body = {
                    "symbol": random.choice(SYMBOLS) if random.random() < 0.97 else "NOSUCH",
                    "side": random.choice(["buy", "sell"]),
                    "quantity": str(random.randint(1, 100)),
                    "price": str(random.randint(1, 500)),
                }
                answer = await self._insist(http, key, body)
                self.accepted[answer["id"]] = body
                if random.random() < 0.1 and await self._insist(http, key, body) != answer:
                    self._figures.answers_differ.append(key)
                await asyncio.sleep(random.uniform(0, 0.3))

    async def _insist(self, http: httpx.AsyncClient, key: str, body: dict[str, str]) -> dict[str, Any]:
        while True:
            replica = random.choice(self._fleet)
            try:
                response = await http.post(f"{replica.url}/orders", json=body, headers={"Idempotency-Key": key})
                if response.status_code in {200, 201}:
                    self._figures.repeated_requests += response.status_code == 200
                    return dict(response.json())
            except (httpx.TransportError, json.JSONDecodeError):
                pass
            await asyncio.sleep(0.05)


async def settle(store: Store, seconds: float = 60.0) -> None:
    """Wait until no order is on its way any more, or this long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        open_orders = await store._pool.fetchval(
            "SELECT count(*) FROM orders WHERE status NOT IN ('filled', 'rejected')"
        )
        if not open_orders:
            return
        await asyncio.sleep(0.2)


async def compare(
    environ: dict[str, str], store: Store, journal: dict[str, Any], accepted: dict[str, Any], figures: Figures
) -> None:
    """The customers' receipts, the app's books and the exchange's books, against each other."""
    connection = await asyncpg.connect(
        host=environ["DB_HOST"], port=int(environ["DB_PORT"]), user=environ["DB_USER"], database=environ["DB_NAME"]
    )
    rows = {str(row["id"]): row for row in await connection.fetch("SELECT * FROM orders")}
    trail: dict[str, list[asyncpg.Record]] = {}
    for event in await connection.fetch("SELECT * FROM order_events ORDER BY order_id, seq"):
        trail.setdefault(str(event["order_id"]), []).append(event)
    await connection.close()

    executions: dict[str, int] = journal["executions"]
    figures.orders = len(accepted)
    figures.submissions_again = sum(count - 1 for count in journal["submissions"].values())
    figures.refused_late = journal["refused"].get("late", 0)
    figures.faults = sum(journal["faults"].values())
    for order_id, body in accepted.items():
        expected = Status.REJECTED if body["symbol"] == "NOSUCH" else Status.FILLED
        row = rows.get(order_id)
        if row is None or row["status"] != expected or (expected is Status.FILLED) != (order_id in executions):
            figures.lost.append(f"{order_id}: {row and row['status']}, {executions.get(order_id, 0)} executions")
    figures.sent_twice += [order_id for order_id, count in executions.items() if count > 1]
    figures.books_differ += [f"{order_id} is unknown" for order_id in executions if order_id not in rows]
    figures.books_differ += await store.mismatches()
    held = {symbol: float(quantity) for symbol, quantity in (await store.positions()).items()}
    if held != {symbol: float(quantity) for symbol, quantity in journal["positions"].items()}:
        figures.books_differ.append(f"positions: {held} here, {journal['positions']} there")
    for order_id, row in rows.items():
        events = trail.get(order_id, [])
        if not _continuous(events, row["version"]):
            figures.audit_gaps.append(f"{order_id}: {[(event['seq'], event['event']) for event in events]}")
        for before, after in pairwise(events):
            if after["event"] == "recovered":
                figures.recovered_orders += 1
                figures.order_seconds.append((after["at"] - before["at"]).total_seconds())


def _continuous(events: list[asyncpg.Record], version: int) -> bool:
    statuses = [None, *(Status(event["status"]) for event in events)]
    legal = all(after in NEXT[before] for before, after in pairwise(statuses))
    return legal and [event["seq"] for event in events] == list(range(1, version + 1))


def _spread(seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {"count": len(seconds)}
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"count": len(seconds), "p50": round(cuts[49], 2), "p99": round(cuts[98], 2), "max": round(max(seconds), 2)}


def main() -> int:
    """Print the figures and write them down; 1 if anything was lost, sent twice, missing or different."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--sabotage", default="", help="take a safeguard out: lock, lease, lookup or audit")
    options = parser.parse_args()
    figures = crash_only(options.kills, sabotage=options.sabotage)
    for name, value in figures.summary().items():
        print(f"{name}: {value}")
    if not options.sabotage:
        summary = figures.summary()
        write("crash_only", MEASURED, rows_of(summary), figures=summary)
    print(*figures.problems()[:20], sep="\n", file=sys.stderr)
    return 1 if figures.problems() else 0


if __name__ == "__main__":
    sys.exit(main())
