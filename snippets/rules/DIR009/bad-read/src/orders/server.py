"""The HTTP server."""

from os import environ as variables

LIVE = "prod"
SECONDS = 60 if variables["APP_ENV"].lower() in (LIVE, "staging") else 10


def serve(port: int) -> None:
    """Answer requests."""
