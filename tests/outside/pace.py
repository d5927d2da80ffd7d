"""Whether the harness itself is fast enough to blame an app: a trivial server that is asked all the while."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Self

EVERY_SECONDS = 0.05
MOST_SECONDS = 0.5
"""A trivial answer that takes longer says that this machine is too busy to judge by."""


class Pace:
    """Asks a server that does nothing, over and over, and keeps the slowest answer."""

    def __enter__(self) -> Self:
        self.slowest = 0.0
        """Seconds of the slowest answer."""
        self._over = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=part, daemon=True) for part in (self._answer, self._ask)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._threads[1].join()
        self._server.close()

    @property
    def too_slow(self) -> bool:
        """Whether what was seen meanwhile may be the machine's doing."""
        return self.slowest > MOST_SECONDS

    @property
    def reason(self) -> str:
        """Why nothing was judged."""
        return f"this machine was too busy: a trivial server took {self.slowest:.1f} s to answer"

    def _answer(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            connection.sendall(b".")
            connection.close()

    def _ask(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            started = time.monotonic()
            try:
                with socket.create_connection(self._server.getsockname(), timeout=30) as connection:
                    connection.recv(1)
            except OSError:
                continue
            self.slowest = max(self.slowest, time.monotonic() - started)
