"""The probes under load: the thread pool used up, every dependency hung, hundreds of callers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from fixtures.process import Process

KUBELET_SECONDS = 2.0
"""timeoutSeconds of the probes."""


@pytest.fixture
def service() -> Iterator[Process]:
    """A ready service."""
    seconds = {"PROBE_TTL_SECONDS": 0, "REQUEST_SECONDS": 60, "GRACE_SECONDS": 90}
    with Process("fixtures.service", seconds) as process:
        process.until("/health/ready", 200)
        yield process


def probe(process: Process, path: str) -> int:
    """Ask as the kubelet does: a new connection, and no patience."""
    return process.http.get(path, headers={"Connection": "close"}, timeout=KUBELET_SECONDS).status_code


@pytest.mark.rule("PRB002", "PRB009")
def test_liveness_is_not_starved_by_the_thread_pool_or_by_dependencies(service: Process) -> None:
    """With 60 requests for 40 threads and all dependencies hung, 100 probes are answered before any request."""
    for name in ("critical", "second", "optional"):
        service.http.post(f"/try/mode/{name}/hang")
    service.until("/health/ready", 503)
    with ThreadPoolExecutor(60) as callers:
        blocked = [callers.submit(service.http.get, "/try/hold") for _ in range(60)]
        service.eventually(lambda: service.http.get("/try/held").json() == 40 or None)
        live = [probe(service, "/health/live") for _ in range(100)]
        ready = probe(service, "/health/ready")
        answered = [future for future in blocked if future.done()]
        service.http.post("/try/release")
        assert (live, ready, answered) == ([200] * 100, 503, [])
        assert [future.result().status_code for future in blocked] == [200] * 60


@pytest.mark.rule("PRB007", "PRB010", "PRB011")
def test_readiness_answers_within_the_kubelets_patience_when_a_dependency_hangs(service: Process) -> None:
    """The body says which ones; a probe that timed out would have said nothing."""
    for name in ("second", "optional"):
        service.http.post(f"/try/mode/{name}/hang")
    answer = service.until("/health/ready", 503)
    assert probe(service, "/health/ready") == 503
    assert {name: check.get("error") for name, check in answer.json()["checks"].items()} == {
        "critical": None,
        "second": "timeout",
        "optional": "timeout",
    }


@pytest.mark.rule("PRB007")
def test_hung_probes_do_not_pile_up(service: Process) -> None:
    """A dependency that ignores its cancellation is asked once, however long the kubelet goes on."""
    service.http.post("/try/mode/critical/deaf")
    service.until("/health/ready", 503)
    before = service.http.get("/try/asked").json()["critical"]
    for _ in range(3):
        probe(service, "/health/ready")
    assert service.http.get("/try/asked").json()["critical"] == before


@pytest.mark.rule("PRB008")
def test_callers_at_the_same_moment_share_one_check() -> None:
    """50 callers at once, and 50 more within the TTL: the dependency was asked once."""
    with Process("fixtures.service", {"PROBE_TTL_SECONDS": 600}) as process:
        process.until("/health/live", 200)
        process.until("/health/startup", 200)
        with ThreadPoolExecutor(50) as callers:
            answers = list(callers.map(lambda _: probe(process, "/health/ready"), range(100)))
        assert answers == [200] * 100
        assert process.http.get("/try/asked").json() == {"critical": 1, "second": 1, "optional": 1}


@pytest.mark.rule("PRB011", "PRB003")
def test_readiness_follows_the_critical_dependencies_only(service: Process) -> None:
    """503 while a critical one is down, 200 again when it is back; an optional one changes nothing."""
    service.http.post("/try/mode/optional/down")
    service.http.post("/try/mode/critical/down")
    service.until("/health/ready", 503)
    service.http.post("/try/mode/critical/up")
    ready = service.until("/health/ready", 200)
    assert ready.json()["checks"]["optional"]["ok"] is False
