"""What a start and a stop of the order system leave in a real database: what they found (App document 7.2, 7.4)."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from decimal import Decimal
from uuid import uuid4

import pytest

from app.metrics import Metrics
from app.orders.model import Fill, Order
from app.orders.store import Store
from app.orders.system import OrderSystem
from app.settings import Settings

TABLES = ("orders", "order_events", "fills", "positions")


async def books(store: Store) -> dict[str, list[str]]:
    """All that is stored."""
    return {table: sorted(map(str, await store._pool.fetch(f"SELECT * FROM {table}"))) for table in TABLES}


async def claimed(store: Store, owner: str, lease_seconds: float) -> Order:
    """A new order, leased; nothing else may be due."""
    await store.add(str(uuid4()), "AAPL", "buy", Decimal(4), Decimal(10))
    [order] = await store.claim(owner, lease_seconds, 1)
    return order


async def trade(store: Store) -> None:
    """Leave an order in every state: half filled, filled, refused, held by another replica, left behind, waiting."""
    for seq, quantity in ((1, 2), (2, 4)):
        order = await claimed(store, "another/1", 3600)
        await store.place(order, f"x-{seq}")
        await store.fill(Fill(seq, order.id, f"x-{seq}", Decimal(quantity), Decimal(10)))
    await store.reject(await claimed(store, "another/1", 3600), "unknown symbol")
    await claimed(store, "another/1", 3600)
    await claimed(store, "dead/1", 0.0)
    await store.add("waiting", "AAPL", "buy", Decimal(4), Decimal(10))


@pytest.mark.rule("RES001", "RES002", "TRD007")
async def test_neither_a_start_nor_a_stop_writes_anything(store: Store, settings: Settings) -> None:
    """Leases, positions, waiting orders: all stay as they are, whether the last stop was orderly or none at all."""
    await trade(store)
    before, seen = await books(store), []
    async with AsyncExitStack() as crashed:
        for orderly in (False, False, True, True):
            draining = asyncio.Event()
            system = OrderSystem(settings, draining, Metrics())
            await system.start()
            seen.append(await books(store))
            draining.set()
            await system.work()
            if orderly:
                await system.close()
            else:
                crashed.push_async_callback(system.close)
            seen.append(await books(store))
    assert seen == [before] * 8
