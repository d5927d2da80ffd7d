"""Ports for the servers that tests start."""

from __future__ import annotations

import itertools
import os
import socket
from contextlib import suppress

_TURN = itertools.count()


def free_port() -> int:
    """A port that nobody listens on, the next of fifty that this process takes and no other.

    They lie below those that the kernel gives to connections, so that none is gone before somebody listens on it.
    """
    first = 10_050 + os.getpid() % 220 * 100
    while True:
        port = first + next(_TURN) % 50
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("0.0.0.0", port))
            return port
