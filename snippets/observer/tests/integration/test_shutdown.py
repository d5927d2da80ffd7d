"""The stop as Kubernetes does it: real processes, real signals, real connections (App document 6.2)."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from fixtures.process import PATIENCE, Process, pid_namespace

QUICK = {"DRAIN_SECONDS": 1, "REQUEST_SECONDS": 5, "CLEANUP_SECONDS": 1, "PRESTOP_SECONDS": 0}


@pytest.fixture
def service() -> Iterator[Process]:
    """A ready service that drains for a second."""
    with Process("fixtures.service", QUICK) as process:
        process.until("/health/ready", 200)
        yield process


@pytest.fixture
def patient() -> Iterator[Process]:
    """A ready service whose drain outlasts the test, however busy the machine is."""
    with Process("fixtures.service", QUICK | {"DRAIN_SECONDS": 30}) as process:
        process.until("/health/ready", 200)
        yield process


def in_background(process: Process, path: str) -> tuple[threading.Thread, list[httpx.Response | Exception]]:
    """Send a request over its own connection and go on."""
    answers: list[httpx.Response | Exception] = []

    def ask() -> None:
        try:
            answers.append(httpx.get(f"http://127.0.0.1:{process.port}{path}", timeout=PATIENCE))
        except httpx.TransportError as error:
            answers.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, answers


@pytest.mark.rule("SHD001", "PRB003")
def test_readiness_turns_503_while_new_connections_are_still_served(patient: Process) -> None:
    """After SIGTERM the pod says that it is leaving and goes on working."""
    patient.signal()
    patient.until_logged("draining")
    ready = httpx.get(f"http://127.0.0.1:{patient.port}/health/ready")
    item = httpx.get(f"http://127.0.0.1:{patient.port}/try/item/1")
    live = httpx.get(f"http://127.0.0.1:{patient.port}/health/live")
    assert (ready.status_code, ready.json()["status"]) == (503, "draining")
    assert (item.status_code, live.status_code) == (200, 200)


@pytest.mark.rule("SHD012", "SHD010")
def test_the_drain_lasts_as_long_as_it_was_told() -> None:
    """With preStop before it, and with no request to wait for: not a part of DRAIN_SECONDS, all of it."""
    with Process("fixtures.service", QUICK | {"PRESTOP_SECONDS": 1}) as process:
        process.until("/health/ready", 200)
        process.signal()
        assert process.exit_code() == 0
        times = [
            datetime.fromisoformat(line["time"]).timestamp()
            for line in process.records()
            if line["message"] in {"draining", "Shutting down"}
        ]
        assert len(times) == 2
        assert times[1] - times[0] >= 0.99


@pytest.mark.rule("SHD002")
def test_every_answer_closes_its_connection_while_draining(patient: Process) -> None:
    """A keep-alive client moves on, whatever it was answered: a result, an error, a probe, a scrape."""
    paths = ["/try/item/1", "/try/boom", "/nowhere", "/health/ready", "/metrics"]
    before = [patient.http.get(path).headers.get("connection") for path in paths]
    patient.signal()
    patient.until_logged("draining")
    during = [patient.http.get(path).headers.get("connection") for path in paths]
    assert (before, during) == ([None] * 5, ["close"] * 5)


@pytest.mark.rule("SHD003", "SHD002", "SHD010", "TRD007")
def test_a_request_in_flight_outlives_the_drain(service: Process) -> None:
    """It is answered, closes its connection, and only then the services are closed and the process ends."""
    thread, answers = in_background(service, "/try/sleep/2.5")
    service.until_logged("sleeping")
    service.signal()
    assert service.exit_code() == 0
    thread.join(PATIENCE)
    (answer,) = answers
    assert isinstance(answer, httpx.Response), answer
    assert (answer.status_code, answer.headers.get("connection")) == (200, "close")
    messages = [line["message"] for line in service.records()]
    assert [n for n, message in enumerate(messages) if "/try/sleep" in message][-1] < messages.index("closed")


@pytest.mark.rule("SHD003")
def test_a_request_that_never_ends_is_answered_before_the_stop_is_over() -> None:
    """The server waits at least as long as the deadline is, so that nobody is cut off."""
    with Process("fixtures.service", QUICK | {"DRAIN_SECONDS": 0, "REQUEST_SECONDS": 1}) as process:
        process.until("/health/ready", 200)
        thread, answers = in_background(process, "/try/sleep/3600")
        process.until_logged("sleeping")
        process.signal()
        assert process.exit_code() == 0
        thread.join(PATIENCE)
        assert [getattr(answer, "status_code", answer) for answer in answers] == [504]


@pytest.mark.rule("SHD003")
def test_a_request_past_its_deadline_is_answered_504() -> None:
    """No request can hold a stop back for longer than REQUEST_SECONDS."""
    with Process("fixtures.service", QUICK | {"REQUEST_SECONDS": 0.5}) as process:
        process.until("/health/ready", 200)
        late = process.http.get("/try/sleep/30")
        assert (late.status_code, late.json()) == (504, {"detail": "the request took too long"})


@pytest.mark.rule("SHD003")
def test_an_answer_that_does_not_end_is_cut_off_at_the_deadline() -> None:
    """A response that has begun cannot turn into a 504: its connection is broken, so that nobody takes it as whole."""
    with Process("fixtures.service", QUICK | {"REQUEST_SECONDS": 0.5}) as process:
        process.until("/health/ready", 200)
        with pytest.raises(httpx.RemoteProtocolError):
            process.http.get("/try/drip/30")


@pytest.mark.rule("SHD003", "SHD010")
def test_a_bug_does_not_cost_the_next_request_its_connection(service: Process) -> None:
    """After a 500 the same connection serves on; the server would otherwise close it without a word."""
    answers = [service.http.get(path).status_code for path in ("/try/boom", "/try/item/1") * 10]
    assert answers == [500, 200] * 10


@pytest.mark.rule("SHD007")
@pytest.mark.parametrize(
    ("number", "busy"),
    [
        (signal.SIGTERM, {}),
        (signal.SIGINT, {}),
        (signal.SIGTERM, {"FAKE_START": "wait"}),
        (signal.SIGTERM, {"FAKE_LOOP": "stay"}),
    ],
    ids=["SIGTERM", "SIGINT", "while starting", "with a loop that has to be cancelled"],
)
def test_an_orderly_stop_exits_with_zero(number: int, busy: dict[str, object]) -> None:
    """The signal is not raised again after the work is done, whatever the app was at."""
    with Process("fixtures.service", {**QUICK, **busy}) as process:
        process.until("/health/live", 200)
        if "FAKE_START" not in busy:
            process.until("/health/ready", 200)
        process.signal(number)
        assert process.exit_code() == 0


@pytest.mark.rule("SHD004")
def test_connections_are_closed_before_the_exit(service: Process) -> None:
    """The cleanup runs, and its log line is not lost."""
    service.signal()
    service.exit_code()
    assert [line["message"] for line in service.records() if line["logger"] == "service"] == ["loop ended", "closed"]


@pytest.mark.rule("SHD004")
@pytest.mark.parametrize("close", ["hang", "fail"])
def test_a_cleanup_that_goes_wrong_does_not_hold_the_exit_back(close: str) -> None:
    """A close that hangs is given up after CLEANUP_SECONDS, one that fails is logged; the exit is orderly."""
    with Process("fixtures.service", QUICK | {"FAKE_CLOSE": close}) as process:
        process.until("/health/ready", 200)
        process.signal()
        assert process.exit_code() == 0
        assert [line["part"] for line in process.records() if line["message"].startswith("cleanup")] == ["services"]


@pytest.mark.rule("SHD004")
def test_a_thread_that_hangs_cannot_keep_the_process_alive() -> None:
    """What no event loop can cancel ends with the budget, before SIGKILL; the code says that it was no clean stop."""
    budget = {"DRAIN_SECONDS": 0, "REQUEST_SECONDS": 0.5, "CLEANUP_SECONDS": 0.5, "FAKE_CLOSE": "block"}
    with Process("fixtures.service", budget) as process:
        process.until("/health/ready", 200)
        process.signal()
        assert process.exit_code() == 1


@pytest.mark.rule("SHD008")
def test_loops_end_when_the_drain_starts(patient: Process) -> None:
    """The loop takes no new turn while requests are still served."""
    patient.signal()
    patient.until_logged("loop ended")
    assert patient.http.get("/try/item/1").status_code == 200


@pytest.mark.rule("SHD009")
def test_a_second_signal_stops_at_once() -> None:
    """Whoever asks twice does not want to wait for the drain."""
    with Process("fixtures.service", {"DRAIN_SECONDS": 30}) as process:
        process.until("/health/ready", 200)
        process.signal()
        process.until_logged("draining")
        process.signal()
        assert process.exit_code() != 0
        assert not [line for line in process.records() if line["message"] == "closed"]


@pytest.mark.rule("SHD007", "IMG014")
def test_it_ends_cleanly_as_pid_1() -> None:
    """The kernel delivers to PID 1 only the signals that it handles: SIGTERM is one of them."""
    with Process("fixtures.service", QUICK, prefix=pid_namespace()) as process:
        process.until("/health/ready", 200)
        assert process.until_logged("Started server process")["message"].endswith("[1]")
        children = Path(f"/proc/{process.child.pid}/task/{process.child.pid}/children").read_text()
        os.kill(int(children), signal.SIGTERM)
        assert process.exit_code() == 0
