"""The collector as one part: what `main` starts, probes and closes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from app.health import Check
from app.metrics import Metrics
from app.settings import Settings
from app.shared.backoff import full_jitter, pause
from app.shared.errors import UnavailableError
from app.ticks.collector import Collector
from app.ticks.lag import Lag
from app.ticks.latest import router
from app.ticks.metrics import TickMetrics
from app.ticks.source import Source
from app.ticks.store import Store

logger = logging.getLogger(__name__)


# --8<-- [start:system]
class TickSystem:
    """Everything about ticks, built but not connected (App document 7.2)."""

    def __init__(self, settings: Settings, draining: asyncio.Event, metrics: Metrics) -> None:
        self._draining = draining
        self._metrics = metrics
        self._source_up = False
        self._lag = Lag()
        self.store = Store(settings)
        self._collector = Collector(
            self.store,
            Source(settings.api_endpoint, settings.stream, settings.api_key.get_secret_value()),
            self._lag,
            TickMetrics(metrics.registry, self._lag),
            lease_seconds=settings.lease_seconds,
            on_state=self._on_state,
        )
        self.routers: Sequence[APIRouter] = [router(self.store)]
        self.checks: Sequence[Check] = [
            Check("postgres", self.store.ping),
            # An outage of the source is everybody's: what was stored before can be read all the same.
            Check("source", self._source_state, critical=False),
        ]

    async def start(self) -> None:
        """Wait for the database; where to go on, the collector finds as it finds it after any lost connection."""
        failures = 0
        while not self._draining.is_set():
            try:
                await self.store.open()
                break
            except UnavailableError as error:
                failures += 1
                logger.warning("waiting for postgres: %s", error)
                await pause(self._draining, full_jitter(failures, 0.2, 10.0))

    async def work(self) -> None:
        """Run the loop until the drain starts."""
        await self._collector.run(self._draining)

    async def close(self) -> None:
        """Give the connections back."""
        await self.store.aclose()

    # --8<-- [end:system]

    async def consistent(self) -> str | None:
        """A self-check: every number is counted once or in a gap (App document 7.3)."""
        return await self.store.mismatch()

    async def _source_state(self) -> Mapping[str, object]:
        if self._collector.waits:
            return {"role": "waits"}  # connected to nothing, as it should be
        if not self._source_up:
            raise ConnectionError("the stream is down")
        return {"role": "writes", "lag_ticks": self._lag.ticks}

    def _on_state(self, name: str, up: bool) -> None:
        self._source_up = up
        self._metrics.connection_up.labels(name).set(up)
