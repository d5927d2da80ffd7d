"""The start as a real process: the environment, the port, the probes, and what ends it early."""

from __future__ import annotations

import socket

import httpx
import pytest

from fixtures.environment import free_port
from fixtures.process import PATIENCE, Process

CONFIGURATION_ERROR = 78


@pytest.mark.rule("SHD005")
def test_it_does_not_start_with_a_budget_that_exceeds_the_grace_period() -> None:
    """SIGKILL in the middle of a stop is announced at the start."""
    with Process("app", {"DRAIN_SECONDS": 45, "GRACE_SECONDS": 60}) as process:
        assert process.exit_code() == CONFIGURATION_ERROR
        assert "70 seconds exceed GRACE_SECONDS = 60" in process.records()[0]["message"]


@pytest.mark.rule("LOG004")
def test_it_does_not_start_with_an_unknown_log_level() -> None:
    """A typing error does not silence the log."""
    with Process("app", {"LOG_LEVEL": "verbose"}) as process:
        assert process.exit_code() == CONFIGURATION_ERROR
        assert list(process.records()[0]["problems"]) == ["LOG_LEVEL"]


@pytest.mark.rule("PRB004", "PRB005")
@pytest.mark.parametrize("fault", [{"FAKE_START": "fail"}, {"FAKE_LOOP": "fail"}])
def test_a_failed_initialisation_or_loop_ends_the_process(fault: dict[str, str]) -> None:
    """Kubernetes starts it again, which a 503 for ever would not bring about; a pod that was ready drains before."""
    with Process("fixtures.service", fault | {"DRAIN_SECONDS": 1}) as process:
        assert process.exit_code() not in {0, CONFIGURATION_ERROR}
        drained = [line for line in process.records() if line["message"] == "draining"]
        assert bool(drained) == ("FAKE_LOOP" in fault)
        assert [line["message"] for line in process.records() if line["level"] == "CRITICAL"] == ["cannot go on"]


@pytest.mark.rule("PRB004", "PRB003")
def test_the_probes_answer_while_initialisation_still_runs() -> None:
    """The socket is bound first: alive at once, started and ready only when initialisation has ended."""
    probes = ["/health/live", "/health/startup", "/health/ready"]
    with Process("fixtures.service", {"FAKE_START": "wait"}) as process:
        process.until("/health/live", 200)
        before = [process.http.get(path).status_code for path in probes]
        process.http.post("/try/mode/start/go")
        process.until("/health/startup", 200)
        after = [process.http.get(path).status_code for path in probes]
        assert (before, after) == ([200, 503, 503], [200, 200, 200])


@pytest.mark.rule("TWF006", "ENV001")
def test_it_listens_on_the_port_that_it_was_given() -> None:
    """And at no other that a variable may name; on every address of the pod, not on the loopback alone."""
    with Process(environ={"PORT": free_port(), "UVICORN_PORT": free_port()}) as process:
        process.until("/health/live", 200)
        own = socket.gethostbyname(socket.gethostname())
        assert httpx.get(f"http://{own}:{process.port}/health/live", timeout=PATIENCE).status_code == 200
