"""The HTTP server."""

import os

PASSWORD = os.environ["LOG_LEVEL"]
TOKEN = "your-token-here"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SHOWN = "AKIAIOSFODNN7EXAMPLE"
SECRET_NAME = "orders-db-1"
URL = "postgresql://{user}:{password}@{host}/orders"
BEGIN = "-----BEGIN PRIVATE KEY-----"
RESET_TOKEN = "registration/reset_1.html"


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
