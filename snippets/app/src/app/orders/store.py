"""Orders in PostgreSQL: every statement that changes one writes its line of the audit trail too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID, uuid4

from app.orders import sql
from app.orders.model import Fill, Order, Status
from app.pool import Pool
from app.settings import Settings

FIRST = UUID(int=0)
"""Before every order's id."""


class ReadOnlyError(Exception):
    """The database answers, but takes no changes."""


class KeyReusedError(Exception):
    """The idempotency key belongs to an order with other contents."""


# --8<-- [start:pools]
class Store:
    """The orders; safe to share between tasks, and between processes that share the database.

    Until `open` is done, and whenever the database is away, a call raises UnavailableError.
    """

    def __init__(self, settings: Settings) -> None:
        # Whatever takes all connections of its kind, leaves the others theirs.
        self._pool = Pool(settings, size=6)
        self._work = Pool(settings, size=3)
        self._audit = Pool(settings, size=2)
        self._probes = Pool(settings, size=1)
        self._pools = (self._pool, self._work, self._audit, self._probes)
        self._checked = FIRST

    async def open(self) -> None:
        """Connect to a migrated database; raises UnavailableError when it is away, another when it is unfit."""
        try:
            for pool in self._pools:
                await pool.open()
            # An image without its migration fails now, not later.
            await self._pool.fetch("SELECT FROM orders LIMIT 0")
        except BaseException:
            for pool in self._pools:
                pool.terminate()  # the start tries again
            raise

    # --8<-- [end:pools]

    # --8<-- [start:intake]
    async def add(self, key: str, symbol: str, side: str, quantity: Any, price: Any) -> tuple[Order, bool]:
        """The order of this key, and whether it is new; raises KeyReusedError (App document 7.4)."""
        row = await self._pool.fetchrow(sql.ADD, uuid4(), key, symbol, side, quantity, price)
        if row is not None:
            return Order.of(row), True
        # A second statement: it sees the order of a request that ran at the same time and was first.
        [known] = await self._pool.fetch("SELECT * FROM orders WHERE idempotency_key = $1", key)
        order = Order.of(known)
        if (order.symbol, order.side, order.quantity, order.price) != (symbol, side, quantity, price):
            raise KeyReusedError(key)
        return order, False

    # --8<-- [end:intake]

    # --8<-- [start:claim]
    async def claim(
        self, owner: str, lease_seconds: float, limit: int, overdue: Sequence[tuple[UUID, int]] = ()
    ) -> list[Order]:
        """Lease up to `limit` orders to `owner`, those that wait and, of `overdue`, those that nobody touched since.

        No other worker gets them meanwhile (App document 6.4).
        """
        ids, versions = [each[0] for each in overdue], [each[1] for each in overdue]
        rows = await self._work.fetch(sql.CLAIM, owner, lease_seconds, limit, ids, versions)
        return [Order.of(row) for row in rows]

    async def sending(self) -> list[tuple[UUID, int]]:
        """The orders that some worker has, each with its version."""
        return [(row[0], row[1]) for row in await self._work.fetch(sql.SENDING)]

    # --8<-- [end:claim]

    async def place(self, order: Order, exchange_id: str) -> bool:
        """The exchange has the order; False when the lease is no longer ours."""
        return await self._settle(order, "placed", Status.PLACED, exchange_id=exchange_id)

    async def reject(self, order: Order, reason: str) -> bool:
        """The exchange will never have the order."""
        return await self._settle(order, "rejected", Status.REJECTED, reason=reason)

    async def release(self, order: Order, reason: str, delay_seconds: float) -> bool:
        """The exchange does not have the order: it is due again after the delay."""
        return await self._settle(order, "released", Status.ACCEPTED, reason=reason, delay=delay_seconds)

    async def leave(self, order: Order, reason: str) -> bool:
        """Nobody knows whether the exchange has the order: it is due when the lease is over, as after a crash."""
        return await self._settle(order, "unanswered", Status.SENDING, reason=reason)

    async def _settle(
        self,
        order: Order,
        event: str,
        status: Status,
        *,
        exchange_id: str | None = None,
        reason: str | None = None,
        delay: float | None = None,
    ) -> bool:
        done = await self._work.fetchval(
            sql.SETTLE, order.id, order.lease_owner, event, status, exchange_id, reason, delay
        )
        return done is not None

    async def fill(self, fill: Fill) -> Order | None:
        """Count an execution once, with its order and its position; None when it was known, or is not ours."""
        row = await self._work.fetchrow(
            sql.FILL, fill.exchange_seq, fill.order_id, fill.quantity, fill.price, fill.exchange_id
        )
        return Order.of(row) if row is not None else None

    # --8<-- [start:recover]
    async def last_fill(self) -> int:
        """Where to take up the exchange's stream: all that came before is in the database."""
        return int(await self._work.fetchval("SELECT coalesce(max(exchange_seq), 0) FROM fills"))

    # --8<-- [end:recover]

    async def get(self, order_id: UUID) -> Order | None:
        """The order, or None."""
        row = await self._pool.fetchrow("SELECT * FROM orders WHERE id = $1", order_id)
        return Order.of(row) if row is not None else None

    async def events(self, order_id: UUID, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
        """The order's audit trail after one of its lines, at most `limit` lines of it."""
        return [dict(row) for row in await self._audit.fetch(sql.EVENTS, order_id, after, limit)]

    async def positions(self) -> dict[str, Any]:
        """The quantity held of each symbol."""
        return dict(await self._pool.fetch("SELECT symbol, quantity FROM positions ORDER BY symbol"))

    # --8<-- [start:trail]
    async def trail(
        self, order_id: UUID = FIRST, seq: int = 0, limit: int = 10_000, size: int = 1000
    ) -> AsyncIterator[dict[str, Any]]:
        """The audit trail after one of its lines, `size` lines in memory at a time (App document 6.4).

        Between two of them no connection is held, so a reader may be as slow as it likes.
        """
        left = limit
        while left > 0:
            rows = await self._audit.fetch(sql.TRAIL, order_id, seq, min(size, left))
            for row in rows:
                yield dict(row)
            left -= len(rows)
            if len(rows) < size:
                return
            order_id, seq = rows[-1]["order_id"], rows[-1]["seq"]

    # --8<-- [end:trail]

    async def depth(self) -> int:
        """How many orders have not reached the exchange yet."""
        return int(await self._work.fetchval(sql.DEPTH))

    async def mismatches(self, size: int = 5000) -> list[str]:
        """What is stored twice and differs, in the next `size` orders; an empty list is health."""
        found = await self._audit.fetch(sql.MISMATCHES, self._checked, size)
        positions = await self._audit.fetch(sql.POSITIONS)
        # A slice that is not full was the last one: the next look begins again.
        self._checked = next((row[0] for row in found if row[0] is not None), FIRST)
        return [*(str(row[0]) for row in positions), *(str(row[1]) for row in found if row[1] is not None)][:20]

    async def ping(self) -> None:
        """Ask the server for an answer, and whether it takes orders."""
        if await self._probes.fetchval(sql.PING) != "off":
            raise ReadOnlyError("the database takes no changes")

    async def aclose(self) -> None:
        """Give every connection back."""
        await asyncio.gather(*(pool.aclose() for pool in self._pools))
