"""The HTTP server."""

from tests.unit.replies import REPLY


def serve(port: int) -> None:
    """Answer requests."""
    print(REPLY)
