"""How fast the probes answer while the thread pool is used up and every dependency hangs.

`python -m benchmarks.liveness` asks 1,000 times and writes build/benchmarks/liveness.json; tests/app/test_liveness.py
does it with fewer. The app is a real process; 200 requests want its 40 threads and do not let go.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
APP = ROOT / "snippets" / "app"
sys.path[:0] = [str(ROOT), str(APP / "src"), str(APP / "tests")]

from benchmarks._report import write  # noqa: E402
from fixtures.process import Process  # noqa: E402

COLUMNS = {"ko": ["probe", "물은 횟수", "중앙값", "p99"], "en": ["Probe", "Asked", "Median", "p99"]}
HELD_REQUESTS, THREADS = 200, 40
READY_PROBES = 5
LIVE_LIMIT_SECONDS = 0.1
ENVIRON = {"PROBE_TIMEOUT_SECONDS": 1, "PROBE_TTL_SECONDS": 0, "REQUEST_SECONDS": 120, "GRACE_SECONDS": 200}
"""Without a TTL each readiness probe waits for the hung dependencies; the held requests meet no deadline."""
READY_LIMIT_SECONDS = 2.0
"""timeoutSeconds of the readiness probe."""


@dataclass(frozen=True)
class Answers:
    """The status codes that came, and how long they took, in seconds."""

    path: str
    statuses: dict[int, int]
    median: float
    p99: float


def measure(probes: int) -> list[Answers]:
    """Ask live and ready that often, each time over a new connection, while nothing else moves."""
    with Process("fixtures.service", ENVIRON) as service:
        service.until("/health/ready", 200)
        for name in ("critical", "second", "optional"):
            service.http.post(f"/try/mode/{name}/hang")
        with ThreadPoolExecutor(HELD_REQUESTS) as callers:
            held = [callers.submit(_ask, service.port, "/try/hold", "GET") for _ in range(HELD_REQUESTS)]
            service.eventually(lambda: service.http.get("/try/held").json() == THREADS or None)
            service.until("/health/ready", 503)
            answers = [
                _answers(service.port, "/health/live", probes),
                _answers(service.port, "/health/ready", READY_PROBES),
            ]
            if any(future.done() for future in held):
                raise RuntimeError("the thread pool was not used up")
            _ask(service.port, "/try/release", "POST")
    return answers


def _answers(port: int, path: str, probes: int) -> Answers:
    taken, statuses = [], dict[int, int]()
    for _ in range(probes):
        begun = time.perf_counter()
        status = _ask(port, path, "GET")
        taken.append(time.perf_counter() - begun)
        statuses[status] = statuses.get(status, 0) + 1
    return Answers(path, statuses, statistics.median(taken), sorted(taken)[int(len(taken) * 0.99) - 1])


def _ask(port: int, path: str, method: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, headers={"Connection": "close"})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def main() -> int:
    """Print and write the figures; not zero when a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--probes", type=int, default=1000)
    live, ready = measure(parser.parse_args().probes)
    for each in (live, ready):
        print(
            f"{each.path}: median {each.median * 1000:.1f} ms, p99 {each.p99 * 1000:.1f} ms, statuses {each.statuses}"
        )
    rows = [[each.path, sum(each.statuses.values()), f"{each.median * 1000:.1f} ms", f"{each.p99 * 1000:.1f} ms"]
            for each in (live, ready)]  # fmt: skip
    write("liveness", COLUMNS, rows, answers=[asdict(live), asdict(ready)])
    return int(live.p99 >= LIVE_LIMIT_SECONDS or ready.p99 >= READY_LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
