"""The HTTP server."""


def serve(port: int, env: str = "") -> None:
    """Answer requests."""
    seconds = 10
    if env == "production":
        seconds = 60
    print(port, seconds)
