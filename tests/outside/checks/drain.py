"""What clients lose when an app is told to stop while they use it; none of them asks a second time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.outside.running import Running, started
from tests.outside.verdict import Attempt, NotTested
from tests.outside.wire import Connection, Gone

CLIENTS = 8
BEFORE_SECONDS = 0.5
"""How long clients are served before the signal."""
TRAVEL_SECONDS = 0.01
"""How long a request is on its way: a connection that is closed meanwhile takes the request with it."""
IDLE = (0.1, 0.4, 1.0)
"""Seconds after the signal at which an idle connection is used again."""


@dataclass
class Load:
    """What a number of clients did."""

    answered: int = 0
    lost: list[str] = field(default_factory=list)


def busy_connections_lose_nothing(attempt: Attempt) -> None:
    """A client that asks again and again over one connection is answered until it is told that this was the last."""
    load = Load()

    def converse(app: Running) -> None:
        with Connection(app.port) as connection:
            while True:
                # What the server closed before the request sets out is noticed, as any client notices it.
                if connection.is_closed():
                    return
                time.sleep(TRAVEL_SECONDS)
                connection.send(app.target.quick.as_bytes())
                answer = connection.answer()
                load.answered += 1
                if answer.closes:
                    return

    _under_load(attempt, load, converse)


def idle_connections_lose_nothing(attempt: Attempt) -> None:
    """A connection that is used again after the signal is answered, or was closed before the request set out."""
    load = Load()
    turn = iter(range(CLIENTS))

    def rest(app: Running) -> None:
        pause = IDLE[next(turn) % len(IDLE)]
        with Connection(app.port) as connection:
            connection.send(app.target.quick.as_bytes())
            connection.answer()
            load.answered += 1
            time.sleep(BEFORE_SECONDS + pause)
            if not connection.is_closed():
                time.sleep(TRAVEL_SECONDS)
                connection.send(app.target.quick.as_bytes())
                connection.answer()
                load.answered += 1

    _under_load(attempt, load, rest)


def requests_in_flight_are_finished(attempt: Attempt) -> None:
    """A request that the app has begun before the signal is answered whole."""
    slow = attempt.target.slow
    if slow is None:
        raise NotTested("this app is known to have no slow request")
    load = Load()

    def wait(app: Running) -> None:
        with Connection(app.port) as connection:
            connection.send(slow.as_bytes())
            answer = connection.answer()
            load.answered += 1
            if answer.status not in slow.statuses:
                raise Gone(f"status {answer.status}")

    _under_load(attempt, load, wait)


def pipelined_requests_lose_nothing(attempt: Attempt) -> None:
    """Requests that were sent in one go before the signal are answered, up to one that says it is the last."""
    load = Load()
    slow = attempt.target.slow or attempt.target.quick

    def pipeline(app: Running) -> None:
        with Connection(app.port) as connection:
            connection.send(slow.as_bytes() + app.target.quick.as_bytes() * 2)
            for _ in range(3):
                answer = connection.answer()
                load.answered += 1
                if answer.closes:
                    return

    _under_load(attempt, load, pipeline)


def _under_load(attempt: Attempt, load: Load, client: Callable[[Running], None]) -> None:
    target = attempt.target
    with started(target) as app:
        attempt.control(app.becomes(target.ready, 200), "it becomes ready")
        attempt.served(app, target.quick)

        def run() -> None:
            try:
                client(app)
            except Gone as reason:
                load.lost.append(str(reason))

        threads = [threading.Thread(target=run, daemon=True) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        time.sleep(BEFORE_SECONDS)
        attempt.control(not load.lost, "nothing is lost while it serves")
        app.signal()
        code = app.exit_code(target.grace_seconds)
        attempt.took(code is not None, f"it ended within {target.grace_seconds:g} s")
        for thread in threads:
            thread.join(5)
        attempt.saw(f"answered: {load.answered}; lost: {load.lost or 0}; exit code: {code}")
        attempt.expect(not load.lost, f"no request lost ({len(load.lost)} of {load.answered + len(load.lost)})")
