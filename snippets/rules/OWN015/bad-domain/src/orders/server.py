"""The HTTP server."""

UPSTREAM = "https://billing.corp.internal/v1"


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
