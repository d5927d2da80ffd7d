"""The start of the real app: what its environment has to hold, and what it waits for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.backing import Exchange, Redis, new_database, postgres, running
from fixtures.environment import ENVIRONMENT, PASSWORDS, leaked
from fixtures.process import Process

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
