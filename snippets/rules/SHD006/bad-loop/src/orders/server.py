"""The HTTP server."""

from signal import SIGINT, SIGTERM, signal

for each in (SIGINT, SIGTERM):
    signal(each, print)


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
