"""The HTTP server."""

import os

import uvicorn


def serve(app: object) -> None:
    """Answer requests until the process is told to end."""
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ["SERVICE_PORT"]))
