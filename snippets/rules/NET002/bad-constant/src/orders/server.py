"""The HTTP server."""

EXCHANGE_URL = "wss://stream.acme-exchange.io/fills"


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
