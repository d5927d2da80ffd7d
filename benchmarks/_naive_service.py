"""The service that many would write: a flag set by a signal handler, readiness that knows nothing of the stop.

It is what the rolling restarts compare the reference app with; nobody should copy it.
"""

from __future__ import annotations

import asyncio
import os
import signal

import uvicorn
from fastapi import FastAPI

app = FastAPI()
stopping = False


def on_sigterm(*_: object) -> None:
    """Remember that the end is near; the server replaces this handler by its own."""
    global stopping  # noqa: PLW0603
    stopping = True


signal.signal(signal.SIGTERM, on_sigterm)


@app.get("/health/ready")
def ready() -> dict[str, str]:
    """Always ready, up to the moment when nobody answers."""
    return {"status": "ready"}


@app.get("/try/item/{number}")
async def item(number: int) -> dict[str, int]:
    """The short request."""
    return {"number": number}


@app.get("/try/sleep/{seconds}")
async def sleep(seconds: float) -> dict[str, float]:
    """The slow request."""
    await asyncio.sleep(seconds)
    return {"slept": seconds}


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ["SERVICE_PORT"]), log_level="error")
