"""Connections to PostgreSQL for one kind of work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from app.settings import Settings
from app.shared.errors import UnavailableError

LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the driver's own, when a connection breaks between two of its steps
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,  # no connection left, no space on the disk
    asyncpg.PostgresSystemError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby that was not promoted, or a disk that ran full
    asyncpg.ObjectNotInPrerequisiteStateError,  # a database that takes no connections for now
)
"""Errors that say nothing about the statement: the connection, or the server, went away or has no room."""


# --8<-- [start:pool]
class Pool:
    """At most `size` connections; each call is one statement, and raises UnavailableError for one of `LOST`.

    A caller that finds no connection free waits for a quarter of a request, then it is asked to come again.
    """

    def __init__(self, settings: Settings, size: int) -> None:
        self._settings, self.size = settings, size
        self._opened: Any = None  # the pool of the driver

    async def open(self) -> None:
        """Connect; raises UnavailableError when the database is away, another error when it refuses us."""
        settings = self._settings
        try:
            self._opened = await asyncpg.create_pool(
                host=settings.db_host,
                port=settings.db_port,
                user=settings.db_user,
                password=settings.db_password.get_secret_value(),
                database=settings.db_name,
                min_size=1,
                max_size=self.size,
                timeout=settings.request_seconds / 2,
                command_timeout=settings.request_seconds / 2,
                init=_json,
                reset=_nothing,
            )
        except LOST as error:
            raise UnavailableError(type(error).__name__) from error

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        """All rows."""
        async with self.connection() as connection:
            return list(await connection.fetch(statement, *values))

    async def fetchrow(self, statement: str, *values: Any) -> Any:
        """The first row, or None."""
        async with self.connection() as connection:
            return await connection.fetchrow(statement, *values)

    async def fetchval(self, statement: str, *values: Any) -> Any:
        """The first value of the first row, or None."""
        async with self.connection() as connection:
            return await connection.fetchval(statement, *values)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy[Any]]:
        """One of them, for as long as the block lasts."""
        if self._opened is None:
            raise UnavailableError("the store is not open yet")
        try:
            async with asyncio.timeout(self._settings.request_seconds / 4):  # the driver's own costs a task each time
                connection = await self._opened.acquire()
            try:
                yield connection
            except asyncpg.InternalClientError:
                connection.terminate()  # in a state that nobody knows
                raise
            finally:
                await self._opened.release(connection)
        except LOST as error:
            raise UnavailableError(type(error).__name__) from error

    # --8<-- [end:pool]

    def terminate(self) -> None:
        """Give the connections back without a word."""
        if self._opened is not None:
            self._opened.terminate()

    async def aclose(self) -> None:
        """Give the connections back."""
        if self._opened is not None:
            await self._opened.close()


async def _json(connection: asyncpg.Connection[Any]) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def _nothing(_: asyncpg.Connection[Any]) -> None:
    """No statement leaves anything in its session; asking the server to clear it would double every call."""
