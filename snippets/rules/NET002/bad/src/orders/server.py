"""The HTTP server."""

import httpx as http

client = http.Client(base_url="https://payments.acme-pay.io/api")


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
