"""The wait for the first answer of a server that a test starts on this machine."""

from __future__ import annotations

import time
import urllib.request

SECONDS = 60.0
"""Longer than any of them takes to start on a busy machine."""


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
