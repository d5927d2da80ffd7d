"""What Alembic runs around the revisions: connect, let one migration at a time through, upgrade."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

ONE_AT_A_TIME = 7_046_011  # any number, as long as every migration of this database takes the same


def upgrade(connection: Connection) -> None:
    """Run the revisions in one transaction; a second Job waits here and then finds nothing left to do."""
    context.configure(connection=connection)
    with context.begin_transaction():
        # A query outlives a Job that is killed, and its lock keeps the next one out, unless the server looks.
        connection.execute(text("SET LOCAL client_connection_check_interval = '2s'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        context.run_migrations()


async def connect() -> None:
    """Open one connection for the whole run, and close it."""
    engine = create_async_engine(context.config.attributes["url"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


asyncio.run(connect())
