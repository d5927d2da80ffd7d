"""The HTTP server."""

import signal as sig

sig.signal(sig.SIGTERM, lambda *_: print(1))


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
