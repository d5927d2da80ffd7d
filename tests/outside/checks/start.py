"""How an app starts and how it ends before anything is asked of it."""

from __future__ import annotations

import signal
import time

from tests.outside.running import started
from tests.outside.verdict import Attempt

MOMENTS = (0.1, 0.4, 0.7, 0.9)
"""When an app is told to stop, as shares of the time that it takes to become ready here."""
PROMPT_SECONDS = 5.0
"""An app that has served nothing has nothing to finish."""

ENDED = (0, -signal.SIGTERM, 128 + signal.SIGTERM)


def it_becomes_ready_and_says_so(attempt: Attempt) -> None:
    """The three probes answer 200, in the order startup, live, ready."""
    target = attempt.target
    with started(target) as app:
        ready = app.becomes(target.ready, 200)
        attempt.evidence += app.tail()
        attempt.expect(ready, f"{target.ready} answers 200")
        statuses = [app.status(path) for path in (target.startup, target.live, target.ready)]
        attempt.saw(f"startup, live, ready: {statuses}")
        attempt.expect(statuses == [200, 200, 200], "all three probes answer 200")


def it_ends_with_zero_when_told_to(attempt: Attempt) -> None:
    """SIGTERM ends an idle app with exit code 0 within its grace period."""
    target = attempt.target
    with started(target) as app:
        attempt.control(app.becomes(target.ready, 200), "it becomes ready")
        app.signal()
        code = app.exit_code(target.grace_seconds)
        attempt.saw(f"exit code: {code}")
        attempt.expect(code == 0, f"exit code 0 within {target.grace_seconds:g} s of SIGTERM")


def it_ends_at_any_moment_of_its_start(attempt: Attempt) -> None:
    """SIGTERM before it is ready ends it at once: by itself, or, before its own code runs, by the signal."""
    target = attempt.target
    began = time.monotonic()
    with started(target) as app:
        attempt.control(app.becomes(target.ready, 200), "it becomes ready when it is let alone")
        needed = time.monotonic() - began
    wrong = []
    for moment in (share * needed for share in MOMENTS):
        with started(target) as app:
            time.sleep(moment)
            if app.status(target.ready, 1.0) == 200:
                attempt.saw(f"after {moment:.2f} s: it was ready already")
                continue
            app.signal()
            told = time.monotonic()
            code = app.exit_code(PROMPT_SECONDS)
            attempt.saw(f"after {moment:.2f} s: exit code {code} in {time.monotonic() - told:.1f} s")
            if code not in ENDED:
                wrong.append(f"{moment:.2f} s: {code}")
    attempt.expect(not wrong, f"it ends within {PROMPT_SECONDS:g} s ({', '.join(wrong) or 'all'})")
