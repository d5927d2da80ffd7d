"""The HTTP server."""

from logging import handlers

HANDLER = handlers.RotatingFileHandler("orders.log")


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
