"""The HTTP server."""


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
