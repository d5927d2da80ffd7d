"""The start as a real process: the environment, the port, the probes, and what ends it early."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fixtures.backing import Exchange, Redis, new_database, postgres, running
from fixtures.environment import ENVIRONMENT, PASSWORDS, free_port, leaked
from fixtures.process import PATIENCE, Process

CONFIGURATION_ERROR = 78


@pytest.mark.rule("ENV006", "ENV007", "LOG003")
def test_an_unusable_environment_ends_the_start_with_one_line() -> None:
    """All problems at once, as JSON on standard output, nothing on standard error, no value of a secret."""
    changes = {"DB_HOST": "", "SERVICE_PORT": "http", "REDIS_URL": PASSWORDS[1], "GRACE_SECONDS": "10"}
    with Process("app", changes) as process:
        assert process.exit_code() > 0
        (line,) = process.records()
        assert (line["level"], sorted(line["problems"])) == (
            "CRITICAL",
            ["DB_HOST", "GRACE_SECONDS", "REDIS_URL", "SERVICE_PORT"],
        )
        assert process.errors == []
        assert leaked(str(process.output)) == []


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


@pytest.mark.rule("ENV001")
def test_nothing_but_the_environment_supplies_a_setting(tmp_path: Path) -> None:
    """Neither a file in the working directory or in config/, nor an argument, stands in for a variable."""
    (tmp_path / "config").mkdir()
    for name in (".env", "config/.env", "config/production.yaml"):
        (tmp_path / name).write_text("".join(f"{key}={value}\n" for key, value in ENVIRONMENT.items()))
    arguments = [form.format(value) for value in ENVIRONMENT.items() for form in ("{0[0]}={0[1]}", "--{0[0]}={0[1]}")]
    missing = {"DB_NAME": None, "API_KEY": None}
    with Process("app", missing, arguments=arguments, directory=tmp_path) as process:
        assert process.exit_code() == CONFIGURATION_ERROR
        assert list(process.records()[0]["problems"]) == ["API_KEY", "DB_NAME"]


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


@pytest.fixture(scope="module")
def database() -> Iterator[dict[str, str]]:
    """An empty, migrated database on a real server."""
    with postgres() as server:
        yield new_database(server)


@pytest.mark.rule("TWF003", "PRB003", "PRB004", "RUN002", "TRD005")
def test_it_becomes_ready_when_what_it_needs_comes_up(database: dict[str, str]) -> None:
    """The real app, started first: ready once PostgreSQL, Redis and the exchange answer, each visible by name.

    An order is filled there, so that every one of them is the one that the environment names.
    """
    with running(Redis()) as redis, running(Exchange()) as exchange:
        backing = database | redis.environ | exchange.environ
        with Process("app", backing) as process:
            process.until("/health/startup", 200)
            process.until("/health/ready", 200)
            up = {"postgres", "redis", "exchange"}
            process.eventually(lambda: up <= _up(process) or None)
            assert 'connection_up{name="postgres"} 1.0' in process.http.get("/metrics").text
            order = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}
            taken = process.http.post("/orders", json=order, headers={"Idempotency-Key": "one"}).json()
            process.until_logged("fill")
            assert exchange.journal()["executions"] == {taken["id"]: 1}


@pytest.mark.rule("PRB002", "PRB003", "ENV007", "TRD001", "TRD005")
def test_without_anything_to_connect_to_it_is_alive_and_waits() -> None:
    """Alive, not started, not ready; and no attempt to connect prints a password, or a part of one."""
    with Process("app", {"LOG_LEVEL": "DEBUG"}) as process:
        process.until("/health/live", 200)
        process.until_logged("waiting for postgres")
        ready = process.http.get("/health/ready")
        answers = [process.http.get(path) for path in ("/health/live", "/health/startup")]
        assert (ready.status_code, [answer.status_code for answer in answers]) == (503, [200, 503])
        shown = ready.json()["checks"]
        assert [shown[name]["ok"] for name in ("postgres", "redis", "exchange")] == [False] * 3
        output = json.dumps([process.output, process.errors, ready.text, process.http.get("/metrics").text])
        assert leaked(output) == []


def _up(process: Process) -> set[str]:
    """The dependencies that readiness names as up; the exchange is optional, so it may come after the first 200."""
    checks = process.http.get("/health/ready").json()["checks"]
    return {name for name, check in checks.items() if check["ok"]}
