"""The HTTP server."""

import os as system

SECONDS = "REQUEST_SECONDS"


def serve(port: int) -> None:
    """Answer requests."""
    print(system.environ[SECONDS])
