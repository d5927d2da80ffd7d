"""The HTTP server."""

KEYS = "/home/alice/orders/keys"


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
