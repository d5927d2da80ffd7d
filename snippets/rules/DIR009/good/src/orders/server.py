"""The HTTP server."""


def serve(port: int, environment: str = "", stage: str = "") -> None:
    """Answer requests; the same in staging as in production."""
    print(f"serving in {environment}")
    if stage == "test" or port == 443:
        print("prod")
