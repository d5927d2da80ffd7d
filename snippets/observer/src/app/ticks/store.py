"""The newest values in PostgreSQL, and how far the stream is stored."""

from __future__ import annotations

import asyncio
from typing import Any

from app.pool import Pool
from app.settings import Settings
from app.ticks import sql
from app.ticks.batch import Batch
from app.ticks.lag import Position


class ReadOnlyError(Exception):
    """The database answers, but takes no changes."""


class Store:
    """What is stored of one stream; safe to share between tasks, and between processes that share the database.

    Until `open` is done, and whenever the database is away, a call raises UnavailableError. A change that did so
    may have been made all the same: read the position before the next.
    """

    def __init__(self, settings: Settings) -> None:
        # Whatever takes all connections of its kind, leaves the others theirs.
        self._reads = Pool(settings, size=4)
        self._work = Pool(settings, size=2)
        self._probes = Pool(settings, size=1)
        self._pools = (self._reads, self._work, self._probes)
        self._stream, self._lease_seconds = settings.stream, settings.lease_seconds

    async def open(self) -> None:
        """Connect to a migrated database; raises UnavailableError when it is away, another when it is unfit."""
        try:
            for pool in self._pools:
                await pool.open()
            # An image without its migration fails now, not later.
            await self._reads.fetch("SELECT FROM positions, latest, gaps LIMIT 0")
        except BaseException:
            for pool in self._pools:
                pool.terminate()  # the start tries again
            raise

    # --8<-- [start:change]
    async def take(self, owner: str) -> Position | None:
        """Become the one that writes, or stay it for a lease more, and learn where to go on; None while another is."""
        row = await self._work.fetchrow(sql.TAKE, self._stream, owner, self._lease_seconds)
        return Position(*row) if row is not None else None

    async def step(self, owner: str, batch: Batch) -> bool:
        """Store a batch; False when it does not begin at the position, or another one writes."""
        newest = [change.newest for change in batch.changes]
        done = await self._work.fetchval(
            sql.STEP,
            self._stream,
            owner,
            batch.after,
            batch.upto,
            batch.newest,
            batch.at,
            [tick.symbol for tick in newest],
            [tick.seq for tick in newest],
            [tick.price for tick in newest],
            [tick.quantity for tick in newest],
            [tick.at for tick in newest],
            [change.ticks for change in batch.changes],
            [change.volume for change in batch.changes],
        )
        return done is not None

    async def skip(self, owner: str, after: int, upto: int) -> bool:
        """Note that the ticks after one number up to another are gone; False as with `step`."""
        return await self._work.fetchval(sql.SKIP, self._stream, owner, after, upto) is not None

    async def release(self, owner: str) -> None:
        """Let the next one begin, if this one is the one that writes."""
        await self._work.fetch(sql.RELEASE, self._stream, owner)

    # --8<-- [end:change]

    async def position(self) -> Position:
        """How far the stream is stored."""
        row = await self._work.fetchrow(sql.POSITION, self._stream)
        return Position(*row) if row is not None else Position(0, 0, None)

    async def latest(self, symbol: str) -> dict[str, Any] | None:
        """The newest tick of a symbol and its sums, or None."""
        row = await self._reads.fetchrow(sql.LATEST, self._stream, symbol)
        return dict(row) if row is not None else None

    async def gaps(self, after: int, limit: int) -> list[dict[str, Any]]:
        """The gaps that begin after this tick, the first of them first."""
        return [dict(row) for row in await self._reads.fetch(sql.GAPS, self._stream, after, limit)]

    async def mismatch(self) -> str | None:
        """What is wrong with the books: a number that is neither counted nor in a gap, or both; None is health."""
        row = await self._probes.fetchrow(sql.BOOKS, self._stream)
        if row is None or row["counted"] + row["missed"] == row["seq"]:
            return None
        return f"of {row['seq']} ticks {row['counted']} are counted and {row['missed']} in gaps"

    async def ping(self) -> None:
        """Ask the server for an answer, and whether it takes changes."""
        if await self._probes.fetchval(sql.PING) != "off":
            raise ReadOnlyError("the database takes no changes")

    async def aclose(self) -> None:
        """Give every connection back."""
        await asyncio.gather(*(pool.aclose() for pool in self._pools))
