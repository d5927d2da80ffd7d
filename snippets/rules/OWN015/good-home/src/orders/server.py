"""The HTTP server."""

MEDIA = "/home/orders/media"


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
