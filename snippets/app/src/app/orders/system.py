"""The order system as one part: what `main` starts, probes and closes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from app.health import Check
from app.metrics import Metrics
from app.orders.audit import Audit
from app.orders.exchange import open_exchange
from app.orders.fills import FillStream
from app.orders.intake import router
from app.orders.metrics import OrderMetrics
from app.orders.store import Store
from app.orders.wake import Wake
from app.orders.worker import Worker
from app.settings import Settings
from app.shared.backoff import full_jitter, pause
from app.shared.errors import UnavailableError

logger = logging.getLogger(__name__)

LEASE = 3
"""Leases last this many request deadlines: a lookup and a submission that use all their time fit in twice."""


# --8<-- [start:system]
class OrderSystem:
    """Everything about orders, built but not connected (App document 7.2)."""

    def __init__(self, settings: Settings, draining: asyncio.Event, metrics: Metrics) -> None:
        self._measured = OrderMetrics(metrics.registry)
        audit = Audit(self._measured)
        self._draining = draining
        self._metrics = metrics
        self._up: dict[str, bool] = {}
        self.store = Store(settings)
        self._wake = Wake(settings.redis_url.get_secret_value())
        self._exchange = open_exchange(settings)
        stream = FillStream(self.store, audit, settings.api_endpoint, settings.api_key.get_secret_value())
        self._worker = Worker(
            self.store,
            self._exchange,
            stream,
            self._wake,
            audit,
            on_state=self._on_state,
            lease_seconds=LEASE * settings.request_seconds,
        )
        self.routers: Sequence[APIRouter] = [router(self.store, self._wake, audit)]
        self.checks: Sequence[Check] = [
            Check("postgres", self.store.ping),
            Check("redis", self._wake.ping, critical=False),
            # An outage of the exchange is everybody's: unready replicas would only refuse orders that can be kept.
            Check("exchange", self._exchange_state, critical=False),
        ]

    async def start(self) -> None:
        """Wait for the database; what there is to recover, the worker finds as it finds everything else."""
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
        await self._worker.run(self._draining)

    async def close(self) -> None:
        """Give the connections back."""
        await asyncio.gather(self.store.aclose(), self._wake.aclose(), self._exchange.aclose())

    # --8<-- [end:system]

    async def consistent(self) -> str | None:
        """A self-check: what is stored twice and differs (App document 7.3)."""
        return "; ".join(await self.store.mismatches()) or None

    async def _exchange_state(self) -> Mapping[str, object]:
        # Measured first: while the exchange is down the queue grows, and that is when somebody looks at it.
        depth = await self.store.depth()
        self._measured.queue_depth.set(depth)
        if not self._up.get("exchange"):
            raise ConnectionError("the stream of fills is down")
        return {"stream": "up", "circuit": self._exchange.client.breaker.state, "waiting_orders": depth}

    def _on_state(self, name: str, up: bool) -> None:
        self._up[name] = up
        self._metrics.connection_up.labels(name).set(up)
