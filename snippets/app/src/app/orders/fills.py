"""The exchange's stream of fills, followed without a gap through every lost connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

from websockets.asyncio.client import ClientConnection, connect

from app.orders.audit import Audit
from app.orders.model import Fill
from app.orders.store import Store

SILENCE_SECONDS = 5.0
"""The exchange sends a heartbeat every second: after five it is gone, even if the connection looks alive."""


class GapError(Exception):
    """The stream skipped a fill; a new connection starts at the right place."""


class FillStream:
    """Follows the stream with `reconnect(...)`: `connect` opens it, `follow` reads it (App document 7.3)."""

    def __init__(
        self, store: Store, audit: Audit, endpoint: str, api_key: str, silence_seconds: float = SILENCE_SECONDS
    ) -> None:
        self._store, self._audit = store, audit
        self._url = endpoint.replace("http", "ws", 1) + "/stream"
        self._headers = {"X-API-Key": api_key}
        self._silence_seconds = silence_seconds
        self._last = 0

    # --8<-- [start:stream]
    @asynccontextmanager
    async def connect(self) -> AsyncIterator[ClientConnection]:
        """Take the stream up after the last fill that the database has, or that this process found not to be ours."""
        self._last = max(self._last, await self._store.last_fill())
        url = f"{self._url}?after={self._last}"
        limit = self._silence_seconds
        async with connect(
            url, additional_headers=self._headers, open_timeout=limit, close_timeout=1, proxy=None
        ) as stream:
            yield stream

    async def follow(self, stream: ClientConnection) -> None:
        """Store each fill once; raises when the stream is silent, broken, or not where it should be."""
        while True:
            async with asyncio.timeout(self._silence_seconds):
                message = json.loads(await stream.recv())
            if message["seq"] > self._last + (message["type"] == "fill"):
                raise GapError(f"fill {self._last + 1} is missing")
            if message["type"] == "fill" and message["seq"] > self._last:
                await self._count(message)

    # --8<-- [end:stream]

    async def _count(self, message: dict[str, Any]) -> None:
        fill = Fill(
            exchange_seq=message["seq"],
            order_id=UUID(message["client_order_id"]),
            exchange_id=message["exchange_id"],
            quantity=Decimal(message["quantity"]),
            price=Decimal(message["price"]),
        )
        order = await self._store.fill(fill)
        self._last = fill.exchange_seq
        if order is not None:
            self._audit.record("fill", order, quantity=str(fill.quantity), exchange_seq=fill.exchange_seq)
