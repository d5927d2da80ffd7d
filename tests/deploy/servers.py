"""Servers that a test starts on this machine: a free port, and the wait for the first answer."""

from __future__ import annotations

import socket
import time
import urllib.request
from contextlib import closing

SECONDS = 60.0
"""Longer than any of them takes to start on a busy machine."""


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def until_ready(address: str) -> None:
    """Wait for a server's first good answer; raises TimeoutError without one."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(address)
