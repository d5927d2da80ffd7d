"""Steady load and steady faults for a long time: memory, descriptors and metric series stay where they are.

`python -m benchmarks.soak` runs five minutes and writes build/benchmarks/soak.json; tests/app/test_soak.py runs it
for seconds. Readings begin after a third of the time: until then caches fill and pools open.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]
APP = ROOT / "snippets" / "app"
sys.path[:0] = [str(ROOT), str(APP / "src"), str(APP / "tests")]

from benchmarks._report import MEASURED, rows_of, write  # noqa: E402
from fixtures.backing import Exchange, Redis, new_database, postgres, running  # noqa: E402
from fixtures.environment import environ_of, free_port  # noqa: E402

HTTP_FAULTS = {"delay": 0.1, "error_before": 0.05, "error_after": 0.05, "reset_before": 0.03, "reset_after": 0.03}
FAULTS = {
    "submit": HTTP_FAULTS | {"drip": 0.02, "seconds": 0.3},
    "find": HTTP_FAULTS | {"drip": 0.02, "seconds": 0.3},
    "stream": {"duplicate": 0.02, "reset": 0.005},
}
MAX_SERIES = 600
"""Far above what the routes, methods, statuses and histogram buckets can make together."""
MAX_BYTES = 4 * 2**20
MAX_DESCRIPTORS = 20
"""How much may be added after the first third: pools still fill, but that ends, however long the run."""


@dataclass
class Soak:
    """What was seen, a reading a moment."""

    requests: int = 0
    refused: int = 0
    restarts: int = 0
    seconds: list[float] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    series: list[int] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)

    def growth(self, values: list[int]) -> float:
        """What was added after the first third, by Theil and Sen: single peaks do not move it."""
        points = list(zip(self.answered, values, strict=True))[len(values) // 3 :]
        pairs = ((a, b) for index, a in enumerate(points) for b in points[index + 1 :] if b[0] > a[0])
        slope = statistics.median((later - earlier) / (after - before) for (before, earlier), (after, later) in pairs)
        return slope * (points[-1][0] - points[0][0])

    def problems(self) -> list[str]:
        """What did not stay where it was."""
        found = []
        if self.growth(self.memory) > MAX_BYTES:
            found.append("memory grows")
        if self.growth(self.descriptors) > MAX_DESCRIPTORS:
            found.append("descriptors grow")
        if max(self.series) > MAX_SERIES:
            found.append("metric series grow")
        if self.restarts:
            found.append("the process ended")
        return found

    def figures(self) -> dict[str, float]:
        """The result in numbers."""
        kept = len(self.memory) // 3
        return {
            "seconds": round(self.seconds[-1]),
            "requests": self.requests,
            "refused": self.refused,
            "faults": sum(self.faults.values()),
            "memory_first_mib": round(self.memory[kept] / 2**20, 1),
            "memory_last_mib": round(self.memory[-1] / 2**20, 1),
            "memory_growth_mib": round(self.growth(self.memory) / 2**20, 2),
            "descriptors_first": self.descriptors[kept],
            "descriptors_last": self.descriptors[-1],
            "descriptors_growth": round(self.growth(self.descriptors), 1),
            "series_most": max(self.series),
        }


def soak(seconds: float, *, requests: int = 0, clients: int = 4, leak: str = "") -> Soak:
    """Run one process of the app, with its services, under load for so long, and at least so many requests.

    `leak` plants one (see leaks.py).
    """
    with ExitStack() as stack:
        server = stack.enter_context(postgres())
        redis = stack.enter_context(running(Redis()))
        exchange = stack.enter_context(running(Exchange()))
        exchange.faults(**FAULTS)
        environ = environ_of(**new_database(server), **redis.environ, **exchange.environ)
        result = asyncio.run(_run(seconds, requests, clients, environ, leak))
        result.faults = exchange.journal()["faults"]
    return result


async def _run(seconds: float, requests: int, clients: int, environ: dict[str, str], leak: str) -> Soak:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environ = environ | {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, (APP / "src", APP / "tests", ROOT))),
        "SERVICE_PORT": str(port),
        "REQUEST_SECONDS": "2",
        "DRAIN_SECONDS": "0",
        "LOG_LEVEL": "ERROR",
        "LEAK": leak,
    }
    module = "benchmarks.leaks" if leak else "app"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, env=environ, stdout=asyncio.subprocess.DEVNULL
    )
    result, stop = Soak(), asyncio.Event()
    try:
        await _ready(url)
        load = [asyncio.create_task(_client(url, stop, result)) for _ in range(clients)]
        await _watch(url, psutil.Process(process.pid), seconds, requests, result)
        stop.set()
        await asyncio.gather(*load)
        result.restarts = int(process.returncode is not None)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    return result


async def _ready(url: str) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=url, timeout=5) as http:
        while True:
            try:
                if (await http.get("/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


async def _watch(url: str, process: psutil.Process, seconds: float, requests: int, result: Soak) -> None:
    begun = time.monotonic()
    pause = max(0.2, seconds / 200)
    async with httpx.AsyncClient(base_url=url, timeout=10) as http:
        while time.monotonic() - begun < seconds or result.requests < requests:
            text = (await http.get("/metrics")).text
            result.seconds.append(time.monotonic() - begun)
            result.answered.append(result.requests)
            result.memory.append(process.memory_full_info().uss)
            result.descriptors.append(process.num_fds())
            result.series.append(sum(bool(line) and not line.startswith("#") for line in text.splitlines()))
            await asyncio.sleep(pause)


async def _client(url: str, stop: asyncio.Event, result: Soak) -> None:
    """Orders, repeated ones, readings, and what strangers send: unknown paths and methods, bad bodies, hang-ups."""
    while not stop.is_set():
        async with httpx.AsyncClient(base_url=url, timeout=10) as http:  # a new connection now and then
            for _ in range(20):
                if stop.is_set():
                    return
                try:
                    response = await _request(http)
                    result.refused += response.status_code >= 500
                except httpx.TransportError:
                    result.refused += 1
                result.requests += 1
                await asyncio.sleep(0.01)


async def _request(http: httpx.AsyncClient) -> httpx.Response:
    draw = random.random()
    if draw < 0.05:
        return await http.request(random.choice(["GET", "PATCH", "BREW", uuid4().hex]), f"/{uuid4()}")
    if draw < 0.1:
        return await http.post("/orders", content=b"{", headers={"Idempotency-Key": uuid4().hex})
    if draw < 0.4:
        return await http.get(random.choice(["/positions", "/health/ready", f"/orders/{uuid4()}"]))
    if draw < 0.42:
        try:
            return await http.get("/positions", timeout=0.001)
        except httpx.TimeoutException:
            return httpx.Response(499)
    body: dict[str, Any] = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}
    return await http.post("/orders", json=body, headers={"Idempotency-Key": str(random.randrange(100_000))})


def main() -> int:
    """Print the figures and write them down; 1 if anything grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--leak", default="", help="what to leak: memory, descriptors, series, or several of them")
    options = parser.parse_args()
    result = soak(options.seconds, leak=options.leak)
    for name, value in result.figures().items():
        print(f"{name}: {value}")
    write("soak", MEASURED, rows_of(result.figures()), figures=result.figures(), readings=asdict(result))
    print(*result.problems(), sep="\n", file=sys.stderr)
    return 1 if result.problems() else 0


if __name__ == "__main__":
    sys.exit(main())
