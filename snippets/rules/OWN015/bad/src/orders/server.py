"""The HTTP server."""

UPSTREAM = "10.20.30.140:8443"


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
