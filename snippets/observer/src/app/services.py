"""What the app consists of beside HTTP: the collector, and the watch it keeps over itself."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

from fastapi import APIRouter, Depends, HTTPException

from app.health import Check
from app.metrics import Metrics
from app.settings import Settings
from app.shared.backoff import pause
from app.shared.memory import MemoryGuard
from app.shared.selfcheck import descriptors_left, selfcheck
from app.ticks import TickSystem

WATCH_SECONDS = 5.0
CHECK_SECONDS = 30.0


# --8<-- [start:collecting]
class AppServices:
    """The collector behind a memory guard, with a periodic self-check (App document 6.4, 7.3)."""

    def __init__(self, settings: Settings, draining: asyncio.Event, metrics: Metrics) -> None:
        self._settings, self._draining, self._metrics = settings, draining, metrics
        self._guard = MemoryGuard()
        self._ticks = TickSystem(settings, draining, metrics)
        guarded = APIRouter(dependencies=[Depends(self._not_pressed)])
        for router in self._ticks.routers:
            guarded.include_router(router)
        self.checks: Sequence[Check] = self._ticks.checks
        self.routers: Sequence[APIRouter] = [guarded]

    async def start(self) -> None:
        """Wait for the database."""
        self._measure()
        await self._ticks.start()

    async def work(self) -> None:
        """Run the loops until the drain starts; the first that fails ends the others and the process."""
        checks = {"ticks": self._ticks.consistent, "descriptors": descriptors_left}
        watch = selfcheck(
            checks,
            self._draining,
            interval_seconds=CHECK_SECONDS,
            timeout_seconds=self._settings.request_seconds,
            on_result=lambda name, ok: self._metrics.self_check.labels(name).set(ok),
        )
        async with asyncio.TaskGroup() as group:
            for loop in (self._ticks.work(), self._watch_memory(), watch):
                group.create_task(loop)

    async def close(self) -> None:
        """Give the connections back."""
        await self._ticks.close()

    # --8<-- [end:collecting]

    async def _watch_memory(self) -> None:
        while not self._draining.is_set():
            self._measure()
            await pause(self._draining, WATCH_SECONDS)

    def _measure(self) -> None:
        if memory := self._guard.check():
            self._metrics.memory_working_set.set(memory.working_set)
            self._metrics.memory_limit.set(memory.limit or math.inf)

    async def _not_pressed(self) -> None:
        """Refuse new work while memory is short: the callers come back, an OOM kill would fail those in flight."""
        if self._guard.pressed:
            raise HTTPException(503, "memory is short", {"Retry-After": "1"})
