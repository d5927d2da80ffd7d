"""Every route of the product keeps the deadline of a request, over a database that does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from app.config import load_settings
from app.main import create_app
from app.orders.store import Store
from fixtures.environment import ENVIRONMENT

ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "1", "price": "10"}
NUMBER = "00000000-0000-0000-0000-000000000007"
REQUESTS = {
    "/orders": ("POST", "/orders"),
    "/orders/{order_id}": ("GET", f"/orders/{NUMBER}"),
    "/orders/{order_id}/events": ("GET", f"/orders/{NUMBER}/events"),
    "/positions": ("GET", "/positions"),
    "/audit": ("GET", "/audit"),
}
"""A request for each route, by the route's template."""
WITHOUT_DATABASE = {"/health/live", "/health/ready", "/health/startup", "/metrics"}
"""What answers though the database hangs."""


async def hang(*_: object) -> None:
    """A call that does not come back."""
    await asyncio.sleep(3600)


async def hang_in_pieces(*_: object) -> AsyncIterator[list[object]]:
    """A trail of which nothing comes."""
    await asyncio.sleep(3600)
    yield []


@pytest.mark.rule("SHD003")
async def test_every_route_has_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is answered 504 in time, also where a part of the answer could have begun."""
    for name in ("add", "get", "events", "positions"):
        monkeypatch.setattr(Store, name, hang)
    monkeypatch.setattr(Store, "trail", hang_in_pieces)
    app = create_app(load_settings(ENVIRONMENT | {"REQUEST_SECONDS": "0.05"}))
    assert app.openapi()["paths"].keys() - WITHOUT_DATABASE == REQUESTS.keys()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        asked = {
            path: asyncio.ensure_future(client.request(method, url, json=ORDER, headers={"Idempotency-Key": "k"}))
            for path, (method, url) in REQUESTS.items()
        }
        await asyncio.wait(asked.values(), timeout=10)
        late = [path for path, request in asked.items() if not request.done()]
        ended = await asyncio.gather(*asked.values(), return_exceptions=True) if not late else []
    assert late == []
    assert {
        path: answer.status_code if isinstance(answer, httpx.Response) else type(answer)
        for path, answer in zip(asked, ended, strict=True)
    } == dict.fromkeys(REQUESTS, 504)
