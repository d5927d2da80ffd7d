"""The HTTP server."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/health/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/health/startup")
async def started() -> dict[str, str]:
    return {"status": "ok"}


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
