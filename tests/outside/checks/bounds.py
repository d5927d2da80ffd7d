"""Whether one client can take an app from all others: by size, by number, by slowness."""

from __future__ import annotations

import contextlib
import threading
import time

from tests.outside.running import Running, started
from tests.outside.target import Request
from tests.outside.verdict import Attempt, NotTested
from tests.outside.wire import Answer, Connection, Gone

LIVE_SECONDS = 1.0
"""A kubelet's own time limit for a probe."""
LARGE = 32 * 1024 * 1024
KEYS = 200_000
HALVES = 100
HANDFUL_SECONDS = 0.5
"""Between the first and the last of connections that were opened one after the other."""


def a_large_body_is_refused_while_probes_answer(attempt: Attempt) -> None:
    """A body of 32 MiB is refused, and liveness answers within a second all the while."""
    _judged_by_liveness(attempt, b'{"a": "' + b"x" * LARGE + b'"}')


def many_keys_are_refused_while_probes_answer(attempt: Attempt) -> None:
    """JSON with 200,000 unknown keys is refused, and liveness answers within a second all the while."""
    _judged_by_liveness(attempt, b"{" + b",".join(b'"k%d":0' % number for number in range(KEYS)) + b"}")


def half_a_request_is_let_go(attempt: Attempt) -> None:
    """A hundred connections that send half a header keep nobody out, and are let go in time."""
    target = attempt.target
    with started(target) as app:
        attempt.control(app.becomes(target.ready, 200), "it becomes ready")
        connections = [Connection(app.port) for _ in range(HALVES)]
        for connection in connections:
            connection.send(b"GET / HTTP/1.1\r\nHost: app\r\nX-Half: ")
        attempt.took(not any(connection.is_closed() for connection in connections), "all are open at first")
        attempt.expect(app.status(target.live, LIVE_SECONDS) == 200, "liveness answers beside them")
        began = time.monotonic()
        # All have had the time that the first was waited for.
        closed = [connections[0].closed_within(target.idle_seconds)]
        closed += [connection.closed_within(HANDFUL_SECONDS) for connection in connections[1:] if closed[0]]
        attempt.saw(f"closed: {sum(closed)} of {HALVES} after {time.monotonic() - began:.0f} s")
        attempt.expect(all(closed), f"all are closed within {target.idle_seconds:g} s")


def _judged_by_liveness(attempt: Attempt, body: bytes) -> None:
    target, write = attempt.target, attempt.target.write
    if write is None:
        raise NotTested("this app is known to take no body")
    with started(target) as app:
        attempt.control(app.becomes(target.ready, 200), "it becomes ready")
        attempt.served(app, write)
        attempt.control(app.status(target.live, LIVE_SECONDS) == 200, "liveness answers within a second")
        over, slow = threading.Event(), []

        def watch() -> None:
            while not over.is_set():
                began = time.monotonic()
                if app.status(target.live, 10 * LIVE_SECONDS) != 200 or time.monotonic() - began > LIVE_SECONDS:
                    slow.append(time.monotonic() - began)
                time.sleep(0.05)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        status = _status_of(app, write, body)
        time.sleep(0.5)
        over.set()
        watcher.join()
        attempt.saw(f"status: {status or 'closed'}; slowest liveness: {max(slow, default=0):.1f} s")
        attempt.expect(400 <= status < 500 or not status, "it is refused")
        attempt.expect(not slow, f"liveness answers within {LIVE_SECONDS:g} s all the while")


def _status_of(app: Running, write: Request, body: bytes) -> int:
    """The status of a request with another body; 0 where the connection was closed instead."""
    head = {"Host": "app", "Connection": "close", **write.headers, "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    with Connection(app.port) as connection:
        # It may have answered and closed before all was sent.
        with contextlib.suppress(Gone):
            connection.send(f"{write.method} {write.path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        try:
            answer: Answer = connection.answer()
        except Gone:
            return 0
    return answer.status
