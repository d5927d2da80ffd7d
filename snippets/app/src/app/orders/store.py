"""Orders in PostgreSQL: every statement that changes one writes its line of the audit trail too."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from app.config import Settings
from app.orders import sql
from app.orders.model import Fill, Order, Status
from app.shared.chunks import chunked

LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ObjectNotInPrerequisiteStateError,  # a database that takes no connections for now
)
"""Errors that say nothing about the statement: the connection, or the server, went away or has no room."""


class KeyReusedError(Exception):
    """The idempotency key belongs to an order with other contents."""


class Store:
    """The orders; safe to share between tasks, and between processes that share the database.

    Until `open` is done, and whenever the database is away, a call raises one of `LOST`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened: asyncpg.Pool[Any] | None = None

    async def open(self) -> None:
        """Connect to a migrated database; raises one of `LOST` when it is away, another error when it is unfit."""
        settings = self._settings
        pool = await asyncpg.create_pool(
            host=settings.db_host,
            port=settings.db_port,
            user=settings.db_user,
            password=settings.db_password.get_secret_value(),
            database=settings.db_name,
            min_size=1,
            max_size=10,
            timeout=settings.request_seconds / 2,
            command_timeout=settings.request_seconds / 2,
            init=_json,
        )
        try:
            await pool.execute("SELECT FROM orders LIMIT 0")  # an image without its migration fails now, not later
        except BaseException:
            pool.terminate()  # the start tries again, with another pool
            raise
        self._opened = pool

    @property
    def _pool(self) -> asyncpg.Pool[Any]:
        if self._opened is None:
            raise ConnectionError("the store is not open yet")
        return self._opened

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
    async def claim(self, owner: str, lease_seconds: float, limit: int) -> list[Order]:
        """Lease up to `limit` due orders to `owner`; no other worker gets them meanwhile (App document 6.4)."""
        return [Order.of(row) for row in await self._pool.fetch(sql.CLAIM, owner, lease_seconds, limit)]

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
        done = await self._pool.fetchval(
            sql.SETTLE, order.id, order.lease_owner, event, status, exchange_id, reason, delay
        )
        return done is not None

    async def fill(self, fill: Fill) -> Order | None:
        """Count an execution once, with its order and its position; None when it was known, or is not ours."""
        row = await self._pool.fetchrow(
            sql.FILL, fill.exchange_seq, fill.order_id, fill.quantity, fill.price, fill.exchange_id
        )
        return Order.of(row) if row is not None else None

    # --8<-- [start:recover]
    async def last_fill(self) -> int:
        """Where to take up the exchange's stream: all that came before is in the database."""
        return int(await self._pool.fetchval("SELECT coalesce(max(exchange_seq), 0) FROM fills"))

    # --8<-- [end:recover]

    async def get(self, order_id: UUID) -> Order | None:
        """The order, or None."""
        row = await self._pool.fetchrow("SELECT * FROM orders WHERE id = $1", order_id)
        return Order.of(row) if row is not None else None

    async def events(self, order_id: UUID) -> list[dict[str, Any]]:
        """The order's audit trail from its beginning."""
        return [dict(row) for row in await self._pool.fetch(sql.EVENTS, order_id)]

    async def positions(self) -> dict[str, Any]:
        """The quantity held of each symbol."""
        return dict(await self._pool.fetch("SELECT symbol, quantity FROM positions ORDER BY symbol"))

    # --8<-- [start:chunks]
    async def trail(self, size: int = 1000) -> AsyncGenerator[list[dict[str, Any]], None]:
        """The whole audit trail, at most `size` lines in memory: the server keeps the rest (App document 6.4)."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            async for chunk in chunked(connection.cursor(sql.TRAIL, prefetch=size), size):
                yield [dict(row) for row in chunk]

    # --8<-- [end:chunks]

    async def depth(self) -> int:
        """How many orders have not reached the exchange yet."""
        return int(await self._pool.fetchval(sql.DEPTH))

    async def mismatches(self) -> list[str]:
        """What is stored twice and differs; an empty list is health."""
        return [str(row[0]) for row in await self._pool.fetch(sql.MISMATCHES)]

    async def ping(self) -> None:
        """Ask the server for an answer."""
        await self._pool.fetchval("SELECT 1")

    async def aclose(self) -> None:
        """Give every connection back."""
        if self._opened is not None:
            await self._opened.close()


async def _json(connection: asyncpg.Connection[Any]) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
