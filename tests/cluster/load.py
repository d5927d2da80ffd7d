"""Clients that ask all the time and count what is lost: no client here tries a second time."""

from __future__ import annotations

import http.client
import select
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

THINK_SECONDS = 0.05
PATIENCE_SECONDS = 12.0


@dataclass
class Load:
    """Some clients with a connection per request and one that keeps its own, from entry to exit."""

    address: Callable[[], tuple[str, int]]
    path: str = "/positions"
    clients: int = 2
    asked: int = 0
    lost: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        for number in range(self.clients + 1):
            thread = threading.Thread(target=self._run, args=(number == 0,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for each in self._threads:
            each.join(PATIENCE_SECONDS * 2)

    def forget(self) -> None:
        """Count from here on."""
        with self._lock:
            self.asked, self.lost = 0, []

    def _run(self, keep: bool) -> None:
        connection: http.client.HTTPConnection | None = None
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                connection = connection or http.client.HTTPConnection(*self.address(), timeout=PATIENCE_SECONDS)
                connection.request("GET", self.path, headers={} if keep else {"Connection": "close"})
                answer = connection.getresponse()
                answer.read()
                problem = "" if answer.status == 200 else f"status {answer.status}"
                closing = answer.will_close
            except (OSError, http.client.HTTPException, KeyError) as error:
                problem, closing = f"{type(error).__name__}: {error}", True
            with self._lock:
                self.asked += 1
                if problem:
                    self.lost.append(problem)
            if connection and (closing or not keep):
                connection.close()
                connection = None
            # A client that keeps its connection notices, as any pool does, that the server has closed it meanwhile.
            self._stop.wait(max(0.0, THINK_SECONDS - (time.monotonic() - begun)))
            if keep and connection and _closed(connection):
                connection.close()
                connection = None


def _closed(connection: http.client.HTTPConnection) -> bool:
    return connection.sock is None or bool(select.select([connection.sock], [], [], 0)[0])
