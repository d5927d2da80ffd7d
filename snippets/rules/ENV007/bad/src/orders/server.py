"""The HTTP server."""

import logging

log = logging.getLogger(__name__)


def serve(port: int, password: str = "") -> None:
    """Answer requests until the process is told to end."""
    log.info("connecting with %s", password)
