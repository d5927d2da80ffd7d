"""The reference app with a leak planted in it, so that the soak can show that it would see one.

`LEAK=memory,descriptors,series python -m benchmarks.leaks`: for each request to the order system 64 KiB,
a socket and a metric series stay behind.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from uuid import uuid4

from fastapi import APIRouter, Depends

from app.config import load_settings
from app.main import run
from app.metrics import Metrics
from app.services import AppServices
from app.settings import Settings

HOARD: list[object] = []


def leaky(settings: Settings, draining: asyncio.Event, metrics: Metrics) -> AppServices:
    """The services of the app, with every request of theirs leaving something behind."""
    kinds = os.environ["LEAK"].split(",")

    async def leak() -> None:
        if "memory" in kinds:
            HOARD.append(bytearray(b"x") * 2**16)
        if "descriptors" in kinds:
            HOARD.append(socket.socket())
        if "series" in kinds:
            metrics.requests.labels("GET", uuid4().hex, "200").inc()

    services = AppServices(settings, draining, metrics)
    leaking = APIRouter(dependencies=[Depends(leak)])
    for router in services.routers:
        leaking.include_router(router)
    services.routers = [leaking]
    return services


if __name__ == "__main__":
    sys.exit(run(load_settings(os.environ), leaky))
