"""Rolling restarts under load: what a client loses while every pod is replaced, again and again.

`python -m benchmarks.rolling_restarts` replaces 20 pods and writes build/benchmarks/rolling_restarts.json, for the
reference app and for a naive one; tests/app/test_rolling_restarts.py does the same with fewer. The pods are real
processes with real signals. Simulated are the kubelet (readiness probe, preStop, grace period) and the Service,
whose endpoints every client sees with a lag, as through kube-proxy.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks._app import PATHS, find

find()

from benchmarks._http_clients import Lost, ask, conversation  # noqa: E402
from benchmarks._report import write  # noqa: E402
from benchmarks._words import said  # noqa: E402
from fixtures.environment import ENVIRONMENT, free_port  # noqa: E402

COLUMNS = {
    "ko": ["앱", "재시작", "요청", "잃은 요청", "SIGKILL"],
    "en": ["App", "Restarts", "Requests", "Lost", "SIGKILL"],
}
LAG = (0.2, 2.0)
"""Seconds between a change of the endpoints and the moment when clients stop using, or begin to use, one."""
SHORT_PER_SECOND, SLOW_PER_SECOND, KEEP_ALIVE_CLIENTS = 40, 2, 20
SHORT, SLOW = "/try/item/1", "/try/sleep/3"


@dataclass(frozen=True)
class Variant:
    """What is deployed, and the seconds that its manifest and its environment give it."""

    name: str
    module: str
    drain: float = 0.0
    prestop: float = 0.0
    grace: float = 30.0

    @property
    def environ(self) -> dict[str, str]:
        """The environment of its pods, apart from the port."""
        seconds = {"DRAIN_SECONDS": self.drain, "PRESTOP_SECONDS": self.prestop, "GRACE_SECONDS": self.grace}
        return {**ENVIRONMENT, **{key: str(value) for key, value in seconds.items()}, "LOG_LEVEL": "ERROR"}


VARIANTS = [
    Variant("naive, SIGTERM only", "benchmarks._naive_service"),
    Variant("naive, preStop 5 s", "benchmarks._naive_service", prestop=5),
    Variant("reference, drain 5 s", "fixtures.service", drain=5),
    Variant("reference, drain 3 s, preStop 5 s", "fixtures.service", drain=3, prestop=5),
]


@dataclass
class Result:
    """What happened to the requests and to the pods."""

    variant: str
    restarts: int = 0
    requests: int = 0
    lost: int = 0
    killed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    exit_codes: dict[int, int] = field(default_factory=dict)
    by_kind: dict[str, dict[str, int]] = field(default_factory=dict)
    """Requests and lost ones by kind of client, where a load has kinds."""


# --8<-- [start:pod]
@dataclass(eq=False)
class Pod:
    """One process and what the kubelet does to it."""

    variant: Variant
    port: int
    process: asyncio.subprocess.Process

    @classmethod
    async def start(cls, variant: Variant) -> Pod:
        """Start the process and probe it until it is ready."""
        port = free_port()
        paths = os.pathsep.join(map(str, PATHS))
        environ = variant.environ | {"PYTHONPATH": paths, "PATH": os.environ["PATH"], "SERVICE_PORT": str(port)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", variant.module, env=environ, stdout=asyncio.subprocess.DEVNULL
        )
        pod = cls(variant, port, process)
        async with asyncio.timeout(60):
            while not await pod._ready():  # noqa: ASYNC110  as the kubelet does
                await asyncio.sleep(0.1)
        return pod

    async def _ready(self) -> bool:
        try:
            await ask(self.port, "/health/ready")
        except Lost:
            return False
        return True

    async def delete(self) -> bool:
        """preStop, SIGTERM, and SIGKILL when the grace period is over; whether it came to that."""
        try:
            async with asyncio.timeout(self.variant.grace):
                await asyncio.sleep(self.variant.prestop)
                self.process.send_signal(signal.SIGTERM)
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            return True
        return False


# --8<-- [end:pod]


# --8<-- [start:service]
class Service:
    """Picks an endpoint for each new connection, among those that clients see at the moment."""

    def __init__(self) -> None:
        self._seen: list[int] = []

    def pick(self) -> int:
        """The port of some pod; raises Lost when there is none."""
        if not self._seen:
            raise Lost("no endpoint")
        return random.choice(self._seen)

    async def add(self, port: int) -> None:
        """The pod is ready; clients see it after the lag."""
        await asyncio.sleep(random.uniform(*LAG))
        self._seen.append(port)

    async def remove(self, port: int) -> None:
        """The pod is being deleted; until the lag is over, clients still connect to it."""
        await asyncio.sleep(random.uniform(*LAG))
        self._seen.remove(port)


# --8<-- [end:service]


class Load:
    """Short and slow requests at a steady rate over new connections, and clients that keep theirs; none retries."""

    def __init__(self, service: Service, result: Result) -> None:
        self._service, self._result = service, result
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The load, from here until every request that was sent has its answer."""
        for work in self.clients():
            self._spawn(work)
        yield
        self._over.set()
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def clients(self) -> list[Coroutine[Any, Any, None]]:
        """What runs until the end."""
        steady = [self._steady(SHORT, SHORT_PER_SECOND), self._steady(SLOW, SLOW_PER_SECOND)]
        return [*steady, *(self._keep_alive() for _ in range(KEEP_ALIVE_CLIENTS))]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _steady(self, path: str, per_second: float) -> None:
        while not self._over.is_set():
            self._spawn(self._one(path))
            await asyncio.sleep(1 / per_second)

    async def _one(self, path: str) -> None:
        self._result.requests += 1
        try:
            await ask(self._service.pick(), path)
        except Lost as error:
            self._count(error)

    async def _keep_alive(self) -> None:
        while not self._over.is_set():
            try:
                async for _ in conversation(self._service.pick(), SHORT, self._over):
                    self._result.requests += 1
            except Lost as error:
                self._result.requests += 1
                self._count(error)
                await asyncio.sleep(0.1)

    def _count(self, error: Lost) -> None:
        self._result.lost += 1
        self._result.reasons[str(error)] = self._result.reasons.get(str(error), 0) + 1


# --8<-- [start:rolling]
async def rolling(variant: Variant, restarts: int, replicas: int = 2, load: type[Load] = Load) -> Result:
    """Replace one pod after the other under load: surge by one, delete the oldest when the new one is seen."""
    result, service = Result(variant.name), Service()
    pods = list(await asyncio.gather(*(Pod.start(variant) for _ in range(replicas))))
    await asyncio.gather(*(service.add(pod.port) for pod in pods))
    try:
        async with load(service, result).running():
            leaving = []
            for _ in range(restarts):
                pods.append(await Pod.start(variant))
                await service.add(pods[-1].port)
                leaving.append(asyncio.create_task(_retire(pods.pop(0), service, result)))
                result.restarts += 1
            await asyncio.gather(*leaving)
    finally:
        for pod in pods:
            pod.process.kill()
            await pod.process.wait()
    return result


async def _retire(pod: Pod, service: Service, result: Result) -> None:
    # The endpoint is removed while preStop runs: nobody waits for the other.
    killed, _ = await asyncio.gather(pod.delete(), service.remove(pod.port))
    result.killed += killed
    code = pod.process.returncode or 0
    result.exit_codes[code] = result.exit_codes.get(code, 0) + 1


# --8<-- [end:rolling]


def main() -> int:
    """Every variant in turn, figures printed and written; not zero when the reference app loses anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restarts", type=int, default=20)
    arguments = parser.parse_args()
    results = []
    for variant in VARIANTS:
        result = asyncio.run(rolling(variant, arguments.restarts))
        results.append(asdict(result))
        print(f"{result.variant}: {result.lost} of {result.requests} requests lost, {result.killed} pods killed")
    rows = [
        [said(each["variant"]), *(each[key] for key in ("restarts", "requests", "lost", "killed"))] for each in results
    ]
    write("rolling_restarts", COLUMNS, rows, results=results)
    return int(any(each["lost"] or each["killed"] for each in results if each["variant"].startswith("reference")))


if __name__ == "__main__":
    sys.exit(main())
