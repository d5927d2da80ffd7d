"""The HTTP server."""

from fastapi import FastAPI


class Server:
    """What answers requests."""

    def __init__(self) -> None:
        self._app = FastAPI()
        app = self._app

        @app.get("/health")
        async def bare() -> None:
            """Say yes."""

        @self._app.get("/health/live")
        async def live() -> None:
            """Say that the process lives."""

        @self._app.get("/health/ready")
        async def ready() -> None:
            """Say that it can serve."""

        @self._app.get("/health/startup")
        async def startup() -> None:
            """Say that it has begun."""


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
