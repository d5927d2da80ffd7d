"""The HTTP server."""

import os

import httpx

SHARE_URL = "https://acme.io/share"
DOCS_URL = "https://docs.acme-pay.io/orders"
SCHEMA = "https://json-schema.org/draft/2020-12/schema"
client = httpx.Client(base_url=os.environ["LOG_LEVEL"])
local = httpx.Client(base_url="http://localhost:8080/health/live")
shown = httpx.Client(base_url="https://api.example.com/orders")
print("See https://payments.acme-pay.io")


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
