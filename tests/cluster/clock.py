"""The time that the stand-in cluster lives by: the machine's own, with the waits that a test skips added to it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


class Clock:
    """The cluster's time. Controllers, which wait for minutes and days, ask it; processes live in real time."""

    def __init__(self) -> None:
        self._skipped = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The cluster's time, in UTC."""
        with self._lock:
            return datetime.now(UTC) + self._skipped

    def skip(self, seconds: float) -> None:
        """Let so much time have passed: deadlines that lie within it are over."""
        with self._lock:
            self._skipped += timedelta(seconds=seconds)

    def since(self, text: str | None) -> float:
        """Seconds since a time of an object's field; without one, infinitely long."""
        return (self.now() - read(text)).total_seconds() if text else float("inf")

    def stamp(self) -> str:
        """Now, as objects write it."""
        return write(self.now())


@dataclass(frozen=True)
class Pace:
    """How fast kubelets live: factors on what a manifest states in seconds.

    Probes and back-offs are scaled, so that a test need not wait; how a container is stopped is not, because that
    is what requests are lost by.
    """

    probes: float = 0.04
    backoff: float = 0.15
    stop: float = 1.0
    startup_window: float = 30.0
    """The least real seconds that a startup probe allows, since the process starts no faster here than anywhere."""


def read(text: str) -> datetime:
    """A time as objects write it; raises ValueError."""
    return datetime.fromisoformat(text)


def write(moment: datetime) -> str:
    """A time in the form of objects: UTC, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
