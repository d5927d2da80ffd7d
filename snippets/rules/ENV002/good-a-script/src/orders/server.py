"""The HTTP server."""

import os


def serve(port: int) -> None:
    """Answer requests."""
    print(os.environ.get("DYNO"), os.environ.get("FLY_REGION"))
