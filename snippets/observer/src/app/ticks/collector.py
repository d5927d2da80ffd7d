"""The loop that collects: wait for the turn, follow the stream, store each step; and again after any failure."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

from app.shared.backoff import reconnect
from app.shared.errors import UnavailableError
from app.ticks.lag import Lag, Position
from app.ticks.metrics import TickMetrics
from app.ticks.source import RewoundError, Source, Stream
from app.ticks.store import Store

BATCH_TICKS = 500
BATCH_SECONDS = 0.2
"""How many ticks are stored together, and how long the first of them may wait for the others."""
LONGEST_WAIT_SECONDS = 5.0
"""Between two tries: newest values that are older are worth little."""
logger = logging.getLogger(__name__)


class FencedError(Exception):
    """Another process has stored these ticks, or is the one that writes now."""


class Collector:
    """Follows one stream until the drain starts; any number of them may share a database, and one at a time writes.

    `on_state(name, up)` hears how the connection to the source is.
    """

    def __init__(
        self,
        store: Store,
        source: Source,
        lag: Lag,
        metrics: TickMetrics,
        *,
        lease_seconds: float,
        on_state: Callable[[str, bool], None],
    ) -> None:
        self._store, self._source, self._lag, self._metrics = store, source, lag, metrics
        self._renew_seconds = lease_seconds / 5
        self._on_state = on_state
        self._name = f"{socket.gethostname()}/{uuid4().hex[:8]}"
        self.waits = False
        """Whether another process is the one that writes, as was last seen."""

    # --8<-- [start:collect]
    async def run(self, draining: asyncio.Event) -> None:
        """Collect until the drain starts. There is no other way to start or to stop.

        A step that the drain cuts off is stored or it is not: the next one asks from the position that it finds.
        """
        await reconnect(
            "source",
            self.connect,
            self.follow,
            draining,
            on_state=self._on_state,
            cap_seconds=LONGEST_WAIT_SECONDS,
        )

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Stream]:
        """Wait until this is the one that writes, then take the stream up after the last tick that is stored."""
        try:
            async with self._turn() as position, self._source.open(position.seq) as stream:
                yield stream
        except RewoundError as error:
            logger.error("the stream cannot be followed: %s", error)
            raise

    async def follow(self, stream: Stream) -> None:
        """Store step by step; raises when the stream breaks, and when another process has taken over."""
        self._lag.told(stream.held.at)
        if stream.held.oldest > stream.last + 1:
            await self._miss(stream)
        while True:
            batch, beat = await stream.batch(BATCH_TICKS, BATCH_SECONDS)
            if beat is not None:
                self._lag.heard(beat.at)
            if not await self._store.step(self._name, batch):
                raise FencedError(f"tick {batch.upto} is not ours to store")
            self._lag.stored(Position(batch.upto, batch.newest, batch.at))
            self._metrics.ticks.inc(batch.upto - batch.after)

    # --8<-- [end:collect]

    # --8<-- [start:miss]
    async def _miss(self, stream: Stream) -> None:
        """Ticks are gone before they were stored: it is written down, counted and said, and then it goes on."""
        first, last = stream.last + 1, stream.held.oldest - 1
        if not await self._store.skip(self._name, stream.last, last):
            raise FencedError(f"tick {last} is not ours to skip")
        logger.error("the source no longer holds ticks", extra={"first": first, "last": last})
        self._metrics.missed.inc(last - stream.last)
        stream.skip()

    # --8<-- [end:miss]

    # --8<-- [start:turn]
    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[Position]:
        """Wait to be the one that writes, and stay it for as long as the block lasts, however slow the source is.

        Whoever ends gives the turn back, also after a failure: the next one may reach what this one could not.
        """
        while (position := await self._store.take(self._name)) is None:
            self.waits = True
            self._lag.stored(await self._store.position())
            await asyncio.sleep(self._renew_seconds)
        self.waits = False
        self._lag.stored(position)
        self._metrics.writer.set(1)
        renewing = asyncio.create_task(self._renew())
        try:
            yield position
        finally:
            renewing.cancel()
            self._metrics.writer.set(0)
            with suppress(UnavailableError):  # it runs out by itself
                await self._store.release(self._name)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._renew_seconds)
            with suppress(UnavailableError):
                await self._store.take(self._name)

    # --8<-- [end:turn]
