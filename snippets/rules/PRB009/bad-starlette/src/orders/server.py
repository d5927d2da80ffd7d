"""The HTTP server."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def answer(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def started(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


app = Starlette(
    routes=[
        Route("/health/live", started),
        Route("/health/ready", answer),
        Route("/health/startup", started),
    ]
)


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
