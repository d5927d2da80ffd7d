"""The app as a whole around made-up services: what is started, what is shown, what ends it and with which code."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from app.config import load_settings
from app.health import Check
from app.main import create_app, run
from app.metrics import Metrics
from app.settings import Settings
from fixtures.environment import ENVIRONMENT, SECRETS, free_port, leaked

Step = Callable[[], Awaitable[object]]
router = APIRouter()


@router.get("/slow")
async def slow() -> None:
    """A route that does not answer."""
    await asyncio.sleep(3600)


async def well() -> None:
    """A step with nothing to do."""


class MissingError(Exception):
    """Something of the app's own, which is kin to no other error."""


async def fail() -> None:
    """A step that cannot be done."""
    raise MissingError("the schema is missing")


async def hang() -> None:
    """A step that does not end."""
    await asyncio.sleep(3600)


class Parts:
    """Services that remember what was done with them, and each of whose steps behaves as the test says."""

    def __init__(self, start: Step = well, work: Step = well, close: Step = well) -> None:
        self._start, self._work, self._close = start, work, close
        self.checks, self.routers = [Check("db", self.ping)], [router]
        self.did: list[str] = []

    def build(self, settings: Settings, draining: asyncio.Event, metrics: Metrics) -> Parts:
        """What the app calls to get its services."""
        self.given = (settings, draining, metrics)
        return self

    async def ping(self) -> None:
        """The dependency is up."""
        self.did.append("ping")

    async def start(self) -> None:
        """The first step."""
        self.did.append("start")
        await self._start()

    async def work(self) -> None:
        """The second."""
        self.did.append("work")
        await self._work()

    async def close(self) -> None:
        """The last."""
        self.did.append("close")
        await self._close()


def app_of(parts: Parts, **environ: str) -> FastAPI:
    """The app around these services, not started."""
    return create_app(load_settings(ENVIRONMENT | environ), parts.build)


@asynccontextmanager
async def living(app: FastAPI) -> AsyncIterator[None]:
    """The app between its start and its stop, once everything that has something to do has had its turns."""
    async with asyncio.timeout(10), app.router.lifespan_context(app):
        for _ in range(50):
            await asyncio.sleep(0)
        yield


def client_of(app: FastAPI) -> httpx.AsyncClient:
    """A client of the app, without a server."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app")


def test_the_services_get_what_the_app_itself_uses() -> None:
    """The settings, the flag of the drain, and the metrics that are scraped."""
    settings, parts = load_settings(ENVIRONMENT), Parts()
    app = create_app(settings, parts.build)
    assert parts.given == (settings, app.state.draining, app.state.metrics)
    assert parts.did == []


@pytest.mark.rule("PRB004", "SHD004")
async def test_the_services_start_then_work_and_are_closed_at_the_stop(caplog: pytest.LogCaptureFixture) -> None:
    """Started is what the probe says from the end of the start on, and one line of the log says when that was."""
    parts = Parts(work=hang)
    app = app_of(parts)
    before = app.state.health.started
    with caplog.at_level(logging.INFO):
        async with living(app):
            assert (before, app.state.health.started, parts.did) == (False, True, ["start", "work"])
    assert parts.did == ["start", "work", "close"]
    assert [record.message for record in caplog.records if record.name == "app.main"] == ["started"]
    assert not app.state.failed.is_set()


@pytest.mark.rule("PRB004")
async def test_the_app_has_not_started_while_its_services_still_start() -> None:
    """And it does not hold the server back meanwhile."""
    parts = Parts(start=hang)
    app = app_of(parts)
    async with living(app):
        assert (app.state.health.started, parts.did) == (False, ["start"])


@pytest.mark.rule("PRB005")
@pytest.mark.parametrize(
    ("parts", "started"), [(Parts(start=fail), False), (Parts(work=fail), True)], ids=["start", "work"]
)
async def test_a_start_or_a_loop_that_fails_is_the_end(
    parts: Parts, started: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The server is told, and the log says what it was."""
    app = app_of(parts)
    async with living(app):
        assert (app.state.failed.is_set(), app.state.health.started) == (True, started)
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("CRITICAL", "cannot go on")
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "the schema is missing"


async def test_no_loop_begins_after_the_drain_has() -> None:
    """SIGTERM may come while the start still waits for a dependency."""
    parts = Parts()
    app = app_of(parts)
    app.state.draining.set()
    async with living(app):
        assert (app.state.health.started, parts.did) == (False, ["start"])


async def test_a_loop_that_still_runs_at_the_stop_is_cancelled() -> None:
    """Before the connections that it uses are gone for good."""
    ended: list[str] = []

    async def loop() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("loop")

    async with living(app_of(Parts(work=loop))):
        assert ended == []
    assert ended == ["loop"]


@pytest.mark.rule("SHD004")
async def test_a_close_that_hangs_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """After CLEANUP_SECONDS, by its name."""
    async with living(app_of(Parts(close=hang), CLEANUP_SECONDS="0.01")):
        pass
    assert [(record.message, vars(record)["part"], vars(record)["seconds"]) for record in caplog.records] == [
        ("cleanup hung", "services", 0.01)
    ]


@pytest.mark.rule("PRB008")
async def test_probes_and_scrapes_share_the_results_for_as_long_as_the_settings_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PROBE_TTL_SECONDS, whatever the one who asks would like; the metric of a connection says the same."""
    parts, now = Parts(), [1000.0]
    app = app_of(parts, PROBE_TTL_SECONDS="60")
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now[0])
    async with client_of(app) as client:
        answers = [await client.get("/health/ready")]
        now[0] += 59
        answers.append(await client.get("/health/ready", headers={"Cache-Control": "no-cache", "Pragma": "no-cache"}))
        scraped = (await client.get("/metrics")).text
        asked_within = list(parts.did)
        now[0] += 2
        answers.append(await client.get("/health/ready"))
    assert [answer.json()["checks"]["db"]["ok"] for answer in answers] == [True, True, True]
    assert 'connection_up{name="db"} 1.0' in scraped.splitlines()
    assert (asked_within, parts.did) == (["ping"], ["ping", "ping"])


@pytest.mark.rule("PRB007")
async def test_a_check_takes_no_longer_than_the_settings_say() -> None:
    """PROBE_TIMEOUT_SECONDS."""
    parts = Parts()
    parts.checks = [Check("db", hang)]
    async with asyncio.timeout(30), client_of(app_of(parts, PROBE_TIMEOUT_SECONDS="0.01")) as client:
        assert (await client.get("/health/ready")).json()["checks"]["db"]["error"] == "timeout"


@pytest.mark.rule("SHD001", "PRB003")
async def test_readiness_ends_with_the_drain() -> None:
    """By the flag that the server sets."""
    app = app_of(Parts())
    app.state.draining.set()
    async with client_of(app) as client:
        assert (await client.get("/health/ready")).json()["status"] == "draining"


@pytest.mark.rule("SHD003", "MET002")
async def test_a_request_past_its_deadline_is_answered_and_counted() -> None:
    """The counting is around the deadline: a 504 that nobody sees is no help."""
    app = app_of(Parts(), REQUEST_SECONDS="0.01")
    async with asyncio.timeout(30), client_of(app) as client:
        assert (await client.get("/slow")).status_code == 504
    labels = {"method": "GET", "route": "/slow", "status": "504"}
    assert app.state.metrics.registry.get_sample_value("http_requests_total", labels) == 1


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/metrics/", "/health/live/"])
async def test_nothing_is_served_that_is_not_listed(path: str) -> None:
    """No page of documentation, and no redirect to a host that the caller named."""
    async with client_of(app_of(Parts())) as client:
        assert (await client.get(path, headers={"Host": "elsewhere"})).status_code == 404


class Watchdog(threading.Thread):
    """A timer that bites nobody."""

    def __init__(self, *_: object) -> None:
        super().__init__()


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The log as it was before, and no watchdog that outlives the test."""
    monkeypatch.setattr(threading, "Timer", Watchdog)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.captureWarnings(False)
    logging.root.handlers = handlers
    logging.root.setLevel(level)


async def stop() -> None:
    """A loop in which somebody asks the process to stop."""
    signal.raise_signal(signal.SIGTERM)
    logging.getLogger("loop").debug("asked to stop")


async def quote() -> None:
    """The same, in which a line quotes a secret."""
    signal.raise_signal(signal.SIGTERM)
    logging.getLogger("loop").info("signed with %s", SECRETS)


def settings_of(**environ: str) -> Settings:
    """The settings of an app that can listen, and does not linger when it stops."""
    return load_settings(ENVIRONMENT | {"SERVICE_PORT": str(free_port()), "DRAIN_SECONDS": "0"} | environ)


@pytest.mark.usefixtures("quiet")
@pytest.mark.rule("SHD007", "PRB005", "SHD004")
@pytest.mark.parametrize(("work", "orderly"), [(stop, True), (fail, False)], ids=["stopped", "failed"])
def test_the_exit_code_tells_a_stop_from_a_failure(work: Step, orderly: bool) -> None:
    """0 after a signal, another when a loop has failed; in both cases the services are closed once."""
    parts = Parts(work=work)
    assert (run(settings_of(), parts.build) == 0) == orderly
    assert parts.did == ["start", "work", "close"]


@pytest.mark.usefixtures("quiet")
@pytest.mark.rule("LOG003", "ENV007")
def test_the_log_is_json_without_the_secrets_of_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever logs them."""
    run(settings_of(), Parts(work=quote).build)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [message] = [line["message"] for line in lines if line["logger"] == "loop"]
    assert (message.startswith("signed with "), leaked(message)) == (True, [])


@pytest.mark.usefixtures("quiet")
@pytest.mark.rule("LOG004")
def test_the_log_has_the_level_and_the_format_of_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """LOG_LEVEL and LOG_FORMAT."""
    run(settings_of(LOG_LEVEL="DEBUG", LOG_FORMAT="text"), Parts(work=stop).build)
    lines = capsys.readouterr().out.splitlines()
    assert any(line.endswith("DEBUG    loop: asked to stop") for line in lines)
