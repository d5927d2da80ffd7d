"""Variables, secrets and signals that an app meets before it serves anybody."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from fixtures.environment import leaked
from fixtures.process import Process, pid_namespace
from outside.wire import eventually

ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}
STEERING = {
    "HTTP_PROXY": "http://127.0.0.1:1",
    "HTTPS_PROXY": "http://127.0.0.1:1",
    "ALL_PROXY": "http://127.0.0.1:1",
    "WS_PROXY": "http://127.0.0.1:1",
    "PGSSLMODE": "verify-full",
    "PGHOST": "nowhere",
    "PGTARGETSESSIONATTRS": "standby",
    "PGSERVICE": "none",
    "SSL_CERT_FILE": "/nowhere.pem",
    "SSL_CERT_DIR": "/nowhere",
    "FORWARDED_ALLOW_IPS": "*",
    "WEB_CONCURRENCY": "many",
}
"""What libraries below the app obey; the app declares none of it."""


@pytest.mark.rule("ENV015")
def test_variables_that_nobody_declared_steer_nothing(shared: dict[str, str]) -> None:
    """Orders reach the exchange, the database is the one that was named, and nobody is who he says he is."""
    with Process("app", shared | STEERING) as process:
        process.until("/health/ready", 200)
        headers = {"Idempotency-Key": "steered", "X-Forwarded-For": "203.0.113.9"}
        order = process.http.post("/orders", json=ORDER, headers=headers).json()
        eventually(lambda: process.http.get(f"/orders/{order['id']}").json()["status"], "filled")
        assert "203.0.113.9" not in "\n".join(process.output)


@pytest.mark.rule("ENV015")
def test_variables_that_nobody_declared_steer_no_migration_either(shared: dict[str, str]) -> None:
    """The Job reaches the database that was named, and has nothing to do there."""
    with Process("app.migrate", shared | STEERING) as process:
        assert process.exit_code() == 0, process.output


@pytest.mark.rule("ENV006")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("API_KEY", "Yp4hN7cRj2Bd\n"),
        ("API_KEY", "Yp4hN7cRj2Bé"),
        ("API_KEY", b"Yp4hN7cRj2B\xff"),
        ("DB_PASSWORD", "Zq8vT3kWx1Lm\n"),
        ("DB_PASSWORD", " Zq8vT3kWx1Lm"),
        ("REDIS_URL", "redis://127.0.0.1:1/0\n"),
        ("API_ENDPOINT", "http://127.0.0.1:1\n"),
        ("API_ENDPOINT", "http://exchange..example"),
        ("DB_HOST", "db..example"),
        ("DB_NAME", "app\n"),
        ("SERVICE_PORT", "8_080"),
        ("SERVICE_PORT", "+8080"),
        ("SERVICE_PORT", "8080.0"),
        ("SERVICE_PORT", "\uff18\uff10\uff18\uff10"),
        ("DRAIN_SECONDS", "1_0"),
        ("DRAIN_SECONDS", "1e1"),
    ],
)
def test_a_value_that_would_break_later_is_refused_at_the_start(key: str, value: str | bytes) -> None:
    """One line that names the variable and nothing of its value, and the exit code of a configuration error."""
    with Process("app", {key: os.fsdecode(value) if isinstance(value, bytes) else value}) as process:
        assert process.exit_code() == 78
        [line] = process.records()
        assert (list(line["problems"]), process.errors, leaked("\n".join(process.output))) == ([key], [], [])


def imports(pid: int) -> bool:
    """Whether a process has begun to load what the app is made of, as the kernel sees it."""
    return "pydantic_core" in Path(f"/proc/{pid}/maps").read_text("utf-8")


@pytest.mark.rule("SHD014")
@pytest.mark.parametrize("milliseconds", [80, 250, 500, 1000])
def test_a_stop_at_any_moment_of_the_start_ends_with_zero(milliseconds: int) -> None:
    """Also before there is a server; nothing is drained that was never ready, however long a drain is."""
    with Process("app", {"DRAIN_SECONDS": "30"}) as process:
        time.sleep(milliseconds / 1000)
        # Before the first line of the app runs, the signal ends the interpreter.
        ended = {0} if imports(process.child.pid) else {0, -signal.SIGTERM}
        process.signal()
        assert process.exit_code() in ended
        assert process.errors == []


@pytest.mark.rule("SHD014")
def test_what_was_never_ready_is_not_drained() -> None:
    """The server runs and waits for its database: nobody was served."""
    with Process("app", {"DRAIN_SECONDS": "20"}) as process:
        process.until("/health/live", 200)
        process.signal()
        assert process.exit_code() == 0
        assert "draining" not in {line["message"] for line in process.records()}


@pytest.mark.rule("SHD014", "IMG014")
def test_a_stop_is_heard_as_pid_1_before_the_server_runs() -> None:
    """The kernel drops a signal for PID 1 that nobody waits for."""
    with Process("app", {"DRAIN_SECONDS": "30"}, prefix=pid_namespace()) as process:
        children = Path(f"/proc/{process.child.pid}/task/{process.child.pid}/children")
        child = int(process.eventually(lambda: children.read_text().strip() or None))
        process.eventually(lambda: imports(child) or None)
        os.kill(child, signal.SIGTERM)
        assert process.exit_code() == 0
        assert "Uvicorn running" not in "\n".join(process.output)
