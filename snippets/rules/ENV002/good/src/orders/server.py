"""The HTTP server."""

import os


def serve(port: int) -> None:
    """Answer requests; os.environ["REQUEST_SECONDS"] is read no more."""
    print(os.environ["HOME"], os.environ.get("LOG_LEVEL"), {"REQUEST_SECONDS": 1}["REQUEST_SECONDS"])
