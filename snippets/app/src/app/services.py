"""What the service consists of beside HTTP: its connections, its loops, its checks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter

from app.config import Settings
from app.health import Check
from app.metrics import Metrics


class Trading:
    """The parts of the trading app."""

    def __init__(self, settings: Settings, draining: asyncio.Event, metrics: Metrics) -> None:
        self._settings, self._draining, self._metrics = settings, draining, metrics
        self.checks: Sequence[Check] = ()
        self.routers: Sequence[APIRouter] = ()

    async def start(self) -> None:
        """Wait for what is needed."""

    async def work(self) -> None:
        """Run the loops until the drain starts."""
        await self._draining.wait()

    async def close(self) -> None:
        """Give the connections back."""


def trading(settings: Settings, draining: asyncio.Event, metrics: Metrics) -> Trading:
    """Build them; nothing is connected yet."""
    return Trading(settings, draining, metrics)
