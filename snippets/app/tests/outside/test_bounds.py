"""What a client can make large has a bound, and what passes it is refused as JSON."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures.process import Process
from outside.wire import GET, Wire, detail, eventually

ORDER = '{"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"%s}'
LIMIT = 16_384


@pytest.fixture(scope="module")
def app(shared: dict[str, str]) -> Iterator[Process]:
    """The app, ready."""
    with Process("app", shared) as process:
        process.until("/health/ready", 200)
        yield process


def post(app: Process, body: bytes, **headers: str) -> tuple[int, Any]:
    """The status and the detail of an answer to an order."""
    sent = {"Idempotency-Key": "bounds", "Content-Type": "application/json", **headers}
    answer = app.http.post("/orders", content=body, headers=sent)
    return answer.status_code, answer.json().get("detail")


@pytest.mark.rule("RES025")
def test_a_body_that_is_too_large_is_refused_before_it_is_read(app: Process) -> None:
    """With its length announced, nothing of it has to come."""
    with Wire(app.port) as wire:
        wire.send(b"POST /orders HTTP/1.1\r\nHost: app\r\nIdempotency-Key: k\r\nContent-Length: 52428800\r\n\r\n")
        status, headers, body = wire.answer()
    assert (status, headers["content-type"]) == (413, "application/json")
    assert detail(body) == f"the body has more than {LIMIT} bytes"


@pytest.mark.rule("RES025")
def test_a_body_of_unknown_length_is_refused_where_it_passes_the_bound(app: Process) -> None:
    """In pieces, of which none is large."""
    with Wire(app.port) as wire:
        wire.send(b"POST /orders HTTP/1.1\r\nHost: app\r\nIdempotency-Key: k\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(5):
            wire.send(b"1000\r\n" + b" " * 4096 + b"\r\n")
        assert wire.answer()[0] == 413


@pytest.mark.rule("RES025")
@pytest.mark.parametrize(
    "body",
    [
        ORDER % "".join(f', "k{n}": 1' for n in range(1000)),
        "[" * 8000,
        "[" + "1," * 8000 + "1]",
        ORDER % f', "{"x" * 8000}": 1',
        ORDER % f', "n": {"9" * 8000}',
        '{"symbol": "%s"}' % ("A" * 16_000),
    ],
    ids=["keys", "depth", "array", "long key", "long number", "long text"],
)
def test_what_fits_into_the_bound_has_a_short_answer(app: Process, body: str) -> None:
    """Of a thousand errors a client is told some; of what it sent, nothing comes back."""
    assert len(body) <= LIMIT
    sent = {"Idempotency-Key": "bounds", "Content-Type": "application/json"}
    answer = app.http.post("/orders", content=body, headers=sent)
    assert answer.status_code == 422
    assert len(answer.content) < 2000


@pytest.mark.rule("RES025")
def test_headers_that_are_too_large_are_refused(app: Process) -> None:
    """As JSON, like everything that the server itself refuses."""
    with Wire(app.port) as wire:
        wire.send(b"GET /positions HTTP/1.1\r\nX: " + b"x" * 70_000)
        status, headers, body = wire.answer()
    assert (status, headers["content-type"], detail(body)) == (
        400,
        "application/json",
        "Invalid HTTP request received.",
    )


@pytest.mark.rule("RES025")
def test_half_a_request_does_not_keep_its_connection(app: Process) -> None:
    """Neither from its beginning nor after an answer, nor by a byte now and then."""
    with Wire(app.port) as new, Wire(app.port) as used, Wire(app.port) as silent:
        new.send(b"GET /positions HTT")
        used.send(GET)
        assert used.answer()[0] == 200
        used.send(b"GET /pos")
        for byte in (b"P", b"/", b"1"):
            assert not wait_for_byte(new)
            new.send(byte)
        statuses = [wire.answer()[0] for wire in (new, used)]
        assert (statuses, silent.closed()) == ([408, 408], True)


def wait_for_byte(wire: Wire) -> bool:
    """Whether the server says anything within two seconds."""
    wire._socket.settimeout(2)
    try:
        wire._read()
    except TimeoutError:
        return False
    finally:
        wire._socket.settimeout(30)
    return True


@pytest.mark.rule("RES025", "RUN004")
def test_as_many_connections_as_there_are_descriptors_leave_the_probes_theirs(
    shared: dict[str, str], tmp_path: Path
) -> None:
    """The one that waits the longest without a request makes room, and the log does not fill."""
    few = "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128)); "
    command = [sys.executable, "-c", few + "import os; os.execv(sys.argv[1], sys.argv[1:])"]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert hard == resource.RLIM_INFINITY or hard > 512
    with Process("app", shared, prefix=command) as process:
        process.until("/health/ready", 200)
        wires = [Wire(process.port) for _ in range(200)]
        try:
            for wire in wires:
                wire.send(b"GET /")
            process.http.close()
            for _ in range(5):
                # Sooner than a client's time for its headers is over and descriptors come free by themselves.
                with Wire(process.port, seconds=5) as probe:
                    probe.send(b"GET /health/live HTTP/1.1\r\nHost: app\r\n\r\n")
                    assert probe.answer()[0] == 200
        finally:
            for wire in wires:
                wire._socket.close()
        assert len(process.output) < 100


@pytest.mark.rule("RES025")
def test_the_events_of_an_order_come_in_pages(app: Process) -> None:
    """From the line after the one that the reader has; never more than a page."""
    receipt = app.http.post("/orders", content=ORDER % "", headers={"Idempotency-Key": "events"}).json()
    path = f"/orders/{receipt['id']}/events"
    eventually(lambda: app.http.get(f"/orders/{receipt['id']}").json()["status"], "filled")
    seqs = [line["seq"] for line in app.http.get(path).json()]
    assert [line["seq"] for line in app.http.get(f"{path}?after=2").json()] == [seq for seq in seqs if seq > 2]
    assert app.http.get(f"{path}?after=-1").status_code == 422
