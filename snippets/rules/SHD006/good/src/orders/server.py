"""The HTTP server."""

import signal

signal.signal(signal.SIGUSR1, print)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])


class Bus:
    """Tells who listens."""

    def signal(self, name: str) -> None:
        """Tell."""


Bus().signal("SIGTERM")


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
