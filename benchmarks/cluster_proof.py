"""What `./dev cluster-proof` confirms, on the stand-in cluster: every check but those that only a real one can answer.

`python -m benchmarks.cluster_proof` does all of them and writes build/benchmarks/cluster-proof.json, with how long the
API server takes to start and to answer; tests/cluster/test_proof_whole.py does a few.
"""

from __future__ import annotations

import http.client
import ssl
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._report import write
from tests.cluster.api.server import Server
from tests.cluster.proof.__main__ import IMAGE
from tests.cluster.proof.model import Outcome, Result, checks
from tests.cluster.proof.run import own_namespace, perform
from tests.cluster.proof.stand_in import stand_in

COLUMNS = {"ko": ["확인", "결과"], "en": ["Check", "Outcome"]}
REQUESTS = 2000


def main() -> int:
    """Do all checks and write their outcomes; 1 where one failed."""
    started, rate = _server()
    print(f"the API server starts in {started:.2f} s and answers {rate:.0f} requests a second over one connection")
    results = _confirmed()
    for each in results:
        print(f"{each.outcome:<12}{each.check.id:<24}{each.why}")
    rows = [[each.check.texts, str(each.outcome)] for each in results]
    write("cluster-proof", COLUMNS, rows, start_seconds=started, requests_per_second=rate)
    return 1 if any(each.outcome is Outcome.FAILED for each in results) else 0


def _confirmed() -> list[Result]:
    with (
        tempfile.TemporaryDirectory() as directory,
        stand_in(Path(directory), IMAGE) as cluster,
        own_namespace(cluster, print) as inside,
    ):
        return [perform(inside, each, IMAGE) for each in checks() if not each.real]


def _server() -> tuple[float, float]:
    """Seconds from nothing to the first answer, and answers a second to one client after another."""
    begun = time.monotonic()
    with Server() as server:
        context = ssl.create_default_context(cadata=server.credentials.authority.decode())
        connection = http.client.HTTPSConnection(server.url.removeprefix("https://"), context=context)
        headers = {"Authorization": f"Bearer {server.credentials.token}"}

        def ask() -> None:
            connection.request("GET", "/api/v1/namespaces/default", headers=headers)
            connection.getresponse().read()

        ask()
        started = time.monotonic() - begun
        begun = time.monotonic()
        for _ in range(REQUESTS):
            ask()
        return started, REQUESTS / (time.monotonic() - begun)


if __name__ == "__main__":
    sys.exit(main())
