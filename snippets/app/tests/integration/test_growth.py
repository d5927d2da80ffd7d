"""What the app keeps does not grow with what it is asked (App document 7.3)."""

from __future__ import annotations

import asyncio
import gc
from itertools import pairwise
from uuid import uuid4

import httpx
import pytest

from app.config import load_settings
from app.main import create_app
from fixtures.process import PATIENCE

TIMES = 40
ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "4", "price": "10"}


@pytest.mark.rule("RUN003", "MET005")
async def test_requests_of_every_kind_leave_nothing_behind(environ: dict[str, str]) -> None:
    """Orders, lookups, probes, scrapes and invented paths: fewer new objects stay than there were requests."""
    app = create_app(load_settings(environ | {"PROBE_TTL_SECONDS": "0", "REQUEST_SECONDS": "5"}))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app")
    async with app.router.lifespan_context(app), client, asyncio.timeout(2 * PATIENCE):
        while not app.state.health.started:  # noqa: ASYNC110  as a probe would
            await asyncio.sleep(0.01)
        counts = [await objects_after(client) for _ in range(5)]
    # What is kept is kept in every round; a pool or a cache that fills up once is not growth.
    assert min(after - before for before, after in pairwise(counts)) < TIMES


async def objects_after(client: httpx.AsyncClient) -> int:
    """How many objects there are after a round of requests, once all of its orders are filled."""
    placed = []
    for _ in range(TIMES):
        answer = await client.post("/orders", json=ORDER, headers={"Idempotency-Key": str(uuid4())})
        placed.append(answer.json()["id"])
        for path in (f"/orders/{placed[-1]}", f"/orders/{placed[-1]}/events", f"/{uuid4()}", "/health/ready"):
            await client.get(path)
        await client.request(uuid4().hex[:8].upper(), "/positions")
    for order_id in placed:
        while (await client.get(f"/orders/{order_id}")).json()["status"] != "filled":  # noqa: ASYNC110  as a client would
            await asyncio.sleep(0.02)
    await client.get("/metrics")
    gc.collect()
    return len(gc.get_objects())
