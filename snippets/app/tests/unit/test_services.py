"""The watch that the app keeps over its memory, and what it does to new work."""

from __future__ import annotations

import asyncio
import math

import httpx
import pytest
from fastapi import FastAPI

from app import services
from app.config import load_settings
from app.main import create_app
from app.metrics import Metrics
from app.services import Trading
from app.shared.memory import Memory, MemoryGuard
from fixtures.environment import ENVIRONMENT


def trading(monkeypatch: pytest.MonkeyPatch, memory: Memory) -> tuple[FastAPI, Trading, Metrics]:
    """The app and its services in a container whose kernel says this about memory, after one look at it."""
    monkeypatch.setattr(services, "MemoryGuard", lambda: MemoryGuard(lambda: memory))
    built: list[tuple[Trading, Metrics]] = []

    def build(settings: object, draining: asyncio.Event, metrics: Metrics) -> Trading:
        built.append((Trading(load_settings(ENVIRONMENT), draining, metrics), metrics))
        return built[0][0]

    app = create_app(load_settings(ENVIRONMENT), build)
    parts, metrics = built[0]
    parts._measure()
    return app, parts, metrics


async def order(app: FastAPI) -> httpx.Response:
    """Send an order that is not even well-formed: whoever looks at it answers 422."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        return await client.post("/orders", json={})


@pytest.mark.rule("RES005")
@pytest.mark.parametrize(("used", "status"), [(79, 422), (80, 503)])
async def test_new_work_is_refused_while_memory_is_short(
    monkeypatch: pytest.MonkeyPatch, used: int, status: int
) -> None:
    """From four fifths of the container's limit on; the caller is told to come back."""
    app, _, metrics = trading(monkeypatch, Memory(working_set=used, limit=100))
    answer = await order(app)
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, "1" if status == 503 else None)
    counted = {"method": "POST", "route": "/orders", "status": str(status)}
    assert metrics.registry.get_sample_value("http_requests_total", counted) == 1


@pytest.mark.rule("MET003")
@pytest.mark.parametrize(("limit", "shown"), [(100, 100), (None, math.inf)])
async def test_memory_and_its_limit_are_shown(monkeypatch: pytest.MonkeyPatch, limit: int | None, shown: float) -> None:
    """Utilisation is their quotient, and 0 where there is no limit."""
    _, _, metrics = trading(monkeypatch, Memory(working_set=50, limit=limit))
    values = [metrics.registry.get_sample_value(f"memory_{name}_bytes") for name in ("working_set", "limit")]
    assert values == [50, shown]
