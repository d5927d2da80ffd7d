"""The HTTP server."""

import logging


class FileHandler:
    """Handles uploaded files."""


logging.basicConfig(filename=None)
OUT = logging.FileHandler("/dev/stdout")
UPLOADS = FileHandler()


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
