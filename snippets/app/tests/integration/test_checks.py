"""The checks of the real dependencies: what they leave behind there, and what they tell."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from typing import cast

import pytest
from redis.asyncio import Redis as Client

from app.health import Health
from app.metrics import Metrics
from app.orders import OrderSystem
from app.settings import Settings
from fixtures.environment import SECRETS

READS = {"ping", "info", "hello", "client", "auth", "select", "subscribe"}
"""What a check, and who counts it, may ask of Redis."""


@pytest.fixture
async def system(settings: Settings) -> AsyncIterator[OrderSystem]:
    """The orders of the product, attached and not yet started."""
    built = OrderSystem(settings, asyncio.Event(), Metrics())
    yield built
    await built.close()


async def rounds(system: OrderSystem) -> dict[str, dict[str, object]]:
    """Five rounds of probes, and what the last one found."""
    health = Health(system.checks, asyncio.Event(), timeout=10, ttl=0)
    return [await health.results() for _ in range(5)][-1]


@pytest.mark.rule("PRB006")
async def test_checks_open_no_connection_to_the_database(system: OrderSystem) -> None:
    """Before the start there is none, and after it the same server processes answer every round."""
    assert (await rounds(system))["postgres"]["ok"] is False
    assert system.store._pool._opened is None
    await system.start()
    await rounds(system)
    before = await backends(system)
    assert (await rounds(system))["postgres"]["ok"] is True
    assert await backends(system) == before


@pytest.mark.rule("PRB006")
async def test_checks_only_ask_redis(system: OrderSystem, settings: Settings) -> None:
    """No command that would change or wake anything reaches it."""
    async with Client.from_url(settings.redis_url.get_secret_value()) as client:
        before = await calls(client)
        await rounds(system)
        after = await calls(client)
    assert after["ping"] - before.get("ping", 0) >= 5
    assert {name for name in after if after[name] != before.get(name, 0)} <= READS


@pytest.mark.rule("PRB010")
async def test_checks_tell_no_secret_and_no_address(system: OrderSystem, settings: Settings) -> None:
    """Of a dependency that is up; of one that is down the kind of error is all there is."""
    await system.start()
    told = await rounds(system)
    assert (told["postgres"]["ok"], told["redis"]["ok"]) == (True, True)
    text = json.dumps(told)
    hidden = [*settings.secrets, *SECRETS.values(), settings.db_host, settings.api_endpoint, "://"]
    assert [value for value in hidden if value in text] == []


@pytest.mark.rule("MET003")
async def test_the_queue_is_as_long_as_the_orders_that_wait(system: OrderSystem) -> None:
    """At every round anew, also while no exchange takes them."""
    await system.start()
    lengths = []
    for number in range(3):
        await system.store.add(f"k{number}", "AAPL", "buy", 1, 10)
        await rounds(system)
        lengths.append(system._metrics.registry.get_sample_value("order_queue_depth"))
    assert lengths == [1, 2, 3]


async def backends(system: OrderSystem) -> set[int]:
    """The processes of the server that serve this database."""
    rows = await system.store._pool.fetch("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    return {row["pid"] for row in rows}


async def calls(client: Client) -> dict[str, int]:
    """How often each command was called; subcommands count as their command."""
    told = await cast("Awaitable[dict[str, dict[str, int]]]", client.info("commandstats"))
    return {name.removeprefix("cmdstat_").partition("|")[0]: each["calls"] for name, each in told.items()}
