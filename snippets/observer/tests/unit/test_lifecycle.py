"""The parts of the stop, each alone: the closing of connections, the deadline, the cleanup, the server's signals."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __main__ as entry
from app.config import load_settings
from app.lifecycle import Closing, Deadline, Server, cleanup
from fixtures.asgi import STARTUP, lifespan_through
from fixtures.environment import ENVIRONMENT, environ_of, free_port


async def ask(app: ASGIApp, body: bytes = b"") -> httpx.Response:
    """One request, directly."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        return await client.request("POST" if body else "GET", "/", content=body)


async def well(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that answers."""
    await PlainTextResponse("well", headers={"x-own": "1"})(scope, receive, send)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that answers with what it was sent."""
    await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)


def failing(error: Exception, begun: bool = False) -> ASGIApp:
    """An app that raises, before its answer has begun or after."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    return app


async def endless(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that begins its answer and never ends it."""

    async def drops() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.sleep(3600)

    await StreamingResponse(drops())(scope, receive, send)


@pytest.mark.rule("SHD002")
@pytest.mark.parametrize(("draining", "header"), [(False, None), (True, "close")])
async def test_responses_close_their_connection_only_while_draining(draining: bool, header: str | None) -> None:
    """The app's own headers stay."""
    event = asyncio.Event()
    if draining:
        event.set()
    answer = await ask(Closing(well, event))
    assert (answer.headers.get("connection"), answer.headers["x-own"], answer.text) == (header, "1", "well")


@pytest.mark.rule("SHD002")
async def test_a_response_without_headers_closes_its_connection_too() -> None:
    """They are optional, and their names are small letters."""
    sent: list[Message] = []
    draining = asyncio.Event()
    draining.set()

    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    await Closing(bare, draining)({"type": "http"}, receive, send)
    assert [(b"connection", b"close") in message["headers"] for message in sent] == [True]


@pytest.mark.parametrize("around", [Closing(echo, asyncio.Event()), Deadline(echo, 5)])
async def test_an_app_gets_the_body_of_its_request(around: ASGIApp) -> None:
    """Whatever stands between it and the server."""
    assert (await ask(around, b"an order")).text == "an order"


@pytest.mark.rule("SHD003")
async def test_a_late_request_is_cancelled_and_answered_504(caplog: pytest.LogCaptureFixture) -> None:
    """What it was doing ends, and the log says that it was late."""
    ended = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    answer = await ask(Deadline(slow, 0.01))
    assert (answer.status_code, answer.json()) == (504, {"detail": "the request took too long"})
    assert (ended.is_set(), [vars(record)["late"] for record in caplog.records]) == (True, [True])


@pytest.mark.rule("SHD003")
@pytest.mark.parametrize("error", [RuntimeError("secret detail"), TimeoutError("not ours")])
async def test_a_bug_is_answered_500_and_logged(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """A timeout of something else is a bug too; no detail of it leaves the process."""
    answer = await ask(Deadline(failing(error), 5))
    assert (answer.status_code, answer.json()) == (500, {"detail": "internal error"})
    assert [(vars(record)["late"], record.exc_info and record.exc_info[1]) for record in caplog.records] == [
        (False, error)
    ]


@pytest.mark.parametrize(("seconds", "traced"), [(0.01, False), (5, True)])
async def test_the_log_tells_which_request_failed(
    seconds: float, traced: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """By its path; only a bug has a traceback, as there is nothing to read in that of a late request."""

    async def slow_or_broken(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(3600 if seconds < 1 else 0)
        raise RuntimeError

    await ask(Deadline(slow_or_broken, seconds))
    assert [(record.message, vars(record)["path"], bool(record.exc_info)) for record in caplog.records] == [
        ("request failed", "/", traced)
    ]


@pytest.mark.rule("SHD003")
async def test_an_answer_that_has_begun_is_cut_off_by_the_error() -> None:
    """Two answers to one request would be worse than half of one."""
    with pytest.raises(RuntimeError, match="late bug"):
        await ask(Deadline(failing(RuntimeError("late bug"), begun=True), 5))
    late = asyncio.ensure_future(ask(Deadline(endless, 0.01)))
    await asyncio.wait([late], timeout=10)
    with pytest.raises(AssertionError):  # what httpx says of an answer without an end
        late.result()


async def test_only_requests_have_a_deadline() -> None:
    """The lifespan of the app runs as long as the app."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.02)
        seen.append(scope["type"])

    async def nothing(*_: object) -> None: ...

    await Deadline(app, 0.001)({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]
    assert seen == ["lifespan"]


async def test_what_is_no_request_passes_the_deadline_by() -> None:
    """In both directions."""
    assert await lifespan_through(lambda app: Deadline(app, 5)) == [STARTUP]


@pytest.mark.rule("SHD004")
async def test_cleanup_closes_the_rest_when_one_part_fails_or_hangs(caplog: pytest.LogCaptureFixture) -> None:
    """Each part is closed at the same time as the others; the log names the two that went wrong."""
    closed: list[str] = []

    async def close() -> None:
        closed.append("good")

    async def fail() -> None:
        raise OSError("gone")

    async def hang() -> None:
        await asyncio.sleep(3600)

    async with asyncio.timeout(10):
        await cleanup(0.05, {"hanging": hang, "failing": fail, "good": close})
    assert closed == ["good"]
    assert [(record.message, vars(record)["part"]) for record in caplog.records] == [
        ("cleanup failed", "failing"),
        ("cleanup hung", "hanging"),
    ]


async def test_cleanup_tells_what_failed_and_how_long_it_waited(caplog: pytest.LogCaptureFixture) -> None:
    """The process is gone when somebody reads it."""
    error = OSError("gone")

    async def fail() -> None:
        raise error

    async def hang() -> None:
        await asyncio.sleep(3600)

    await cleanup(0.05, {"failing": fail, "hanging": hang})
    failed, hung = caplog.records
    assert (failed.exc_info and failed.exc_info[1], vars(hung)["seconds"]) == (error, 0.05)


@pytest.mark.rule("SHD004")
async def test_cleanup_does_not_wait_for_a_part_that_ignores_its_cancellation() -> None:
    """It is left behind; the process is going to end anyway."""
    stop = asyncio.Event()

    async def deaf() -> None:
        while not stop.is_set():
            try:
                await stop.wait()
            except asyncio.CancelledError:
                continue

    cleaning = asyncio.ensure_future(cleanup(0.01, {"deaf": deaf}))
    await asyncio.wait([cleaning], timeout=10)
    ended = cleaning.done()
    stop.set()
    await cleaning
    assert ended


async def test_cleanup_of_nothing_is_nothing() -> None:
    """An app without connections stops as well."""
    await cleanup(0, {})


class Watchdog:
    """A timer that bites nobody."""

    made: list[Watchdog]

    def __init__(self, seconds: float, action: object, arguments: tuple[int]) -> None:
        self.seconds, self.action, self.arguments = seconds, action, arguments
        self.daemon = self.started = False
        self.made.append(self)

    def start(self) -> None:
        """Remember it."""
        self.started = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server that is not running, and that cannot end the test run."""

    def ended(code: int) -> None:
        raise AssertionError(f"the process would have ended with {code}")

    monkeypatch.setattr(os, "_exit", ended)
    monkeypatch.setattr(threading, "Timer", Watchdog)
    Watchdog.made = []
    settings = load_settings(ENVIRONMENT | {"DRAIN_SECONDS": "0.05", "REQUEST_SECONDS": "0.4"})
    return Server(well, settings, asyncio.Event(), asyncio.Event())


@pytest.mark.rule("SHD001", "SHD008", "SHD012")
async def test_the_first_signal_starts_the_drain_and_the_server_goes_on_until_its_end(server: Server) -> None:
    """First the flag, then, after the drain, the order to stop accepting; uvicorn has nothing to raise again."""
    server.handle_exit(signal.SIGTERM, None)
    await asyncio.sleep(0)
    drained_first = server._draining.is_set() and not server.should_exit
    await asyncio.sleep(0.1)
    assert (drained_first, server.should_exit, server._captured_signals) == (True, True, [])


async def test_the_log_tells_how_long_the_drain_lasts(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """A stop that takes its time is not taken for one that hangs."""
    with caplog.at_level(logging.INFO):
        server.handle_exit(signal.SIGTERM, None)
        await asyncio.sleep(0)
    assert [(record.message, vars(record)["seconds"]) for record in caplog.records] == [("draining", 0.05)]


@pytest.mark.rule("SHD009")
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
async def test_the_second_signal_ends_the_process(server: Server, monkeypatch: pytest.MonkeyPatch, second: int) -> None:
    """On the spot, whichever it is; not with the code of an orderly stop."""
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    server.handle_exit(signal.SIGTERM, None)
    await asyncio.sleep(0)
    assert codes == []
    server.handle_exit(second, None)
    assert (len(codes), 0 in codes) == (1, False)


@pytest.mark.rule("SHD004")
async def test_a_watchdog_ends_what_the_budget_does_not(server: Server) -> None:
    """Half of the margin after drain, idle connections, requests and cleanup; before the grace period is over."""
    server.handle_exit(signal.SIGTERM, None)
    await asyncio.sleep(0)
    (watchdog,) = Watchdog.made
    assert (watchdog.seconds, watchdog.action, watchdog.arguments) == (0.05 + 0.05 + 0.4 + 5 + 2.5, os._exit, (1,))
    assert (watchdog.daemon, watchdog.started) == (True, True)


@pytest.mark.rule("PRB005")
async def test_a_failure_stops_the_server_at_its_next_tick(server: Server) -> None:
    """Without a drain, as nobody was ever served; what was ready drains like at a signal."""
    before = await server.on_tick(1)
    server._failed.set()
    drained = (await server.on_tick(1), server._draining.is_set())
    server._draining.clear()
    server._ready = lambda: False
    assert (before, drained, await server.on_tick(1)) == (False, (False, True), True)


@pytest.mark.rule("SHD003")
def test_the_server_waits_for_requests_as_long_as_they_may_take(server: Server) -> None:
    """At least: uvicorn knows whole seconds only."""
    assert (server.config.timeout_graceful_shutdown or 0) >= 0.4


def test_the_server_keeps_an_idle_connection_longer_than_a_proxy(server: Server) -> None:
    """Most proxies give up after a minute; were the server the first, it would close on a request under way."""
    assert server.config.timeout_keep_alive > 60


def test_the_server_brings_no_log_of_its_own() -> None:
    """Its records go where all the others go."""
    loggers = [logging.getLogger(name) for name in ("uvicorn", "uvicorn.error", "uvicorn.access")]
    before = [(logger.handlers[:], logger.propagate) for logger in loggers]
    Server(well, load_settings(ENVIRONMENT), asyncio.Event(), asyncio.Event())
    assert [(logger.handlers, logger.propagate) for logger in loggers] == before


def server_of(app: ASGIApp, draining: asyncio.Event) -> Server:
    """A server at a free port."""
    settings = load_settings(ENVIRONMENT | {"SERVICE_PORT": str(free_port())})
    server = Server(app, settings, draining, asyncio.Event())
    around: Any = server.config.app

    async def plain(scope: Scope, receive: Receive, send: Send) -> None:
        await around(scope, receive, send)

    # The server inspects what it is to call, which a tool that measures tests may have wrapped.
    server.config.app = plain
    return server


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server, which runs until the test is done with it."""

    async def serve() -> None:
        try:
            await server.serve()
        except SystemExit as error:
            raise AssertionError("the server did not start") from error

    running = asyncio.create_task(serve())
    while not (server.started or running.done()):  # noqa: ASYNC110  the server has no event for it
        await asyncio.sleep(0.01)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.config.port}") as client:
            yield client
    finally:
        server.should_exit = True
        await running


@pytest.mark.rule("TWF006")
async def test_the_server_listens_on_every_address_of_the_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the port that it was given, whatever port another variable names."""
    for name in ("PORT", "HTTP_PORT", "UVICORN_PORT", "WEB_PORT"):
        monkeypatch.setenv(name, str(free_port()))
    server = server_of(Starlette(), asyncio.Event())
    async with serving(server):
        listening = [each.getsockname() for each in server.servers[0].sockets]
    assert listening == [("0.0.0.0", server._settings.service_port)]


@pytest.mark.rule("SHD002")
async def test_the_connections_of_the_server_close_from_the_drain_on() -> None:
    """Whatever it is that the app answers."""
    draining = asyncio.Event()
    async with serving(server_of(Starlette(routes=[Mount("/", well)]), draining)) as client:
        before = await client.get("/")
        draining.set()
        during = await client.get("/")
    assert [(answer.text, answer.headers.get("connection")) for answer in (before, during)] == [
        ("well", None),
        ("well", "close"),
    ]


async def test_the_server_does_not_start_with_an_app_that_cannot() -> None:
    """Rather than to serve an app whose loops do not run."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("no lifespan")

    server = server_of(broken, asyncio.Event())
    async with asyncio.timeout(10):
        with pytest.raises(SystemExit):
            await server.serve()
    assert not server.started


Run = Callable[..., int]


@pytest.mark.parametrize("code", [0, 1])
def test_the_entry_point_hands_the_exit_code_on(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the settings of the environment."""
    monkeypatch.setattr(os, "environ", ENVIRONMENT)
    ports: list[int] = []

    def run(settings: object) -> int:
        ports.append(settings.service_port)  # type: ignore[attr-defined]
        return code

    monkeypatch.setattr(entry, "run", run)
    assert (entry.main(), ports) == (code, [8080])


def test_the_entry_point_refuses_an_unusable_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """78 is EX_CONFIG of sysexits.h; one line of the log says what is wrong with each variable."""
    handlers, level = logging.root.handlers[:], logging.root.level
    monkeypatch.setattr(os, "environ", environ_of(PROBE_TTL_SECONDS="", SERVICE_PORT=""))
    monkeypatch.setattr("sys.excepthook", None)
    code = entry.main()
    logging.root.handlers, logging.root.level = handlers, level
    logging.captureWarnings(False)
    written = capsys.readouterr().out
    assert (code, written.count("\n")) == (78, 1)
    line = json.loads(written)
    assert (line["level"], line["logger"], line["problems"]) == (
        "CRITICAL", "app", {"PROBE_TTL_SECONDS": "is empty", "SERVICE_PORT": "is empty"},
    )  # fmt: skip
    assert line["message"] == "2 configuration problem(s): PROBE_TTL_SECONDS: is empty; SERVICE_PORT: is empty"
