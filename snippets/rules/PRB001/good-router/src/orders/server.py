"""The HTTP server."""

from fastapi import APIRouter

router = APIRouter(prefix="/health")


@router.get("/live")
async def live() -> None:
    """Say that the process lives."""


@router.get("/ready")
async def ready() -> None:
    """Say that it can serve."""


@router.get("/startup")
async def startup() -> None:
    """Say that it has begun."""


def serve(port: int) -> None:
    """Answer requests until the process is told to end."""
