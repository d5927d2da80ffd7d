"""The HTTP server."""

NO_HOST = "http://invalid.local"


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
