"""The HTTP server."""

from fastapi import FastAPI

app = FastAPI()


@app.post("/orders")
async def take() -> None:
    """Take an order."""


@app.get("/health")
async def bare() -> None:
    """Say yes."""


@app.get("/health/live")
async def live() -> None:
    """Say that the process lives."""


@app.get("/health/ready")
async def ready() -> None:
    """Say that it can serve."""


@app.get("/health/startup")
async def startup() -> None:
    """Say that it has begun."""


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
