"""The HTTP server."""

LOGGING = {"class": "logging.FileHandler", "filename": "orders.log"}


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
