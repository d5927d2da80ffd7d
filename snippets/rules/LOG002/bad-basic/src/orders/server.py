"""The HTTP server."""

import logging

logging.basicConfig(filename="orders.log")


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
