"""Connections at a stop: each is told to close, or stays idle for a while, before it is closed (App document 6.2)."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from fixtures.process import Process
from outside.wire import GET, Wire

QUICK = {"DRAIN_SECONDS": "1", "REQUEST_SECONDS": "3", "CLEANUP_SECONDS": "1", "PRESTOP_SECONDS": "0"}

LONGER = QUICK | {"DRAIN_SECONDS": "3"}
"""What a test asks after an event, a busy machine may ask two seconds later."""


@pytest.fixture
def app(shared: dict[str, str]) -> Iterator[Process]:
    """The app, ready, with a drain of a second."""
    with Process("app", shared | QUICK) as process:
        process.until("/health/ready", 200)
        process.http.close()
        yield process


@pytest.fixture
def lingering(shared: dict[str, str]) -> Iterator[Process]:
    """The app, ready, which keeps idle connections for three seconds after its drain."""
    with Process("app", shared | LONGER) as process:
        process.until("/health/ready", 200)
        process.http.close()
        yield process


def drained(app: Process) -> None:
    """Stop it and wait until its drain is over, and nobody new is let in."""
    app.signal()
    app.until_logged("Shutting down")
    app.eventually(lambda: refused(app.port) or None)


def refused(port: int) -> bool:
    """Whether nobody listens any more."""
    try:
        with Wire(port):
            return False
    except OSError:
        return True


@pytest.mark.rule("SHD013", "SHD010")
def test_an_idle_connection_is_served_once_more_and_told_to_close(lingering: Process) -> None:
    """Used before or new, its next request after the drain has its answer."""
    with Wire(lingering.port) as used, Wire(lingering.port) as new:
        used.send(GET)
        first = used.answer()
        drained(lingering)
        for wire in (used, new):
            wire.send(GET)
        answers = [wire.answer() for wire in (used, new)]
        assert (first[0], first[1].get("connection")) == (200, None)
        assert [(status, headers["connection"]) for status, headers, _ in answers] == [(200, "close")] * 2
        assert lingering.exit_code() == 0


@pytest.mark.rule("SHD013", "SHD010")
def test_a_request_whose_headers_come_across_the_end_of_the_drain_is_answered(lingering: Process) -> None:
    """Half of them before, half of them after."""
    with Wire(lingering.port) as wire:
        wire.send(GET[:20])
        drained(lingering)
        wire.send(GET[20:])
        status, headers, _ = wire.answer()
        assert (status, headers["connection"]) == (200, "close")
        assert lingering.exit_code() == 0


@pytest.mark.rule("SHD013", "SHD002")
def test_of_pipelined_requests_the_last_answer_closes(app: Process) -> None:
    """Three that were sent at once during the drain are all answered."""
    with Wire(app.port) as wire:
        app.signal()
        app.until_logged("draining")
        wire.send(GET * 3)
        answers = [wire.answer() for _ in range(3)]
        assert [(status, headers.get("connection")) for status, headers, _ in answers] == [
            (200, None),
            (200, None),
            (200, "close"),
        ]
        assert wire.closed()
        assert app.exit_code() == 0


@pytest.mark.rule("SHD013", "SHD003")
def test_an_idle_connection_does_not_hold_the_stop_up(app: Process) -> None:
    """It is closed without a word when the time is over, and the stop is as long as it was told."""
    with Wire(app.port) as used, Wire(app.port):
        used.send(GET)
        used.answer()
        app.signal()
        begun = time.monotonic()
        assert used.closed()
        assert time.monotonic() - begun > 1.5
        assert app.exit_code() == 0


@pytest.mark.rule("SHD015")
def test_what_cannot_go_on_serves_while_it_drains() -> None:
    """A loop that fails ends the process like a signal does, with another code."""
    with Process("fixtures.service", LONGER) as process:
        process.until("/health/ready", 200)
        with Wire(process.port) as wire:
            wire.send(b"POST /try/mode/loop/fail HTTP/1.1\r\nHost: app\r\nContent-Length: 0\r\n\r\n")
            process.until_logged("draining")
            assert process.http.get("/health/ready").status_code == 503
            answer = process.http.get("/try/item/1")
            assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        assert process.exit_code() == 1
