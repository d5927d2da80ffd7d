"""The HTTP server."""

import websockets

EXCHANGE_URL = "wss://stream.acme-exchange.io/fills"
stream = websockets.connect(f"{EXCHANGE_URL}?all=1")


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
