"""The HTTP server."""

PASSWORD = "b4dK3ep1ng-No7"


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
