"""How the app connects to PostgreSQL, and which answers mean that it is away, so that the app waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from app.config import load_settings
from app.orders.store import Store
from app.pool import LOST
from app.shared.errors import UnavailableError
from fixtures.environment import environ_of


class Database:
    """A server that lets nobody in: it remembers who came with which password, or says nothing at all."""

    def __init__(self, *, silent: bool = False) -> None:
        self.silent = silent
        self.came: list[tuple[dict[str, str], str]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, up to the password."""
        try:
            if self.silent:
                await reader.read()
            await self._message(reader)  # the question whether there is TLS
            writer.write(b"N")
            parameters = (await self._message(reader))[4:].decode().strip("\0").split("\0")
            writer.write(b"R\0\0\0\x08\0\0\0\x03")  # the password, please, as it is
            await reader.readexactly(1)
            password = (await self._message(reader)).decode().strip("\0")
            self.came.append((dict(zip(parameters[::2], parameters[1::2], strict=True)), password))
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()

    @staticmethod
    async def _message(reader: asyncio.StreamReader) -> bytes:
        length = int.from_bytes(await reader.readexactly(4), "big")
        return await reader.readexactly(length - 4)


@asynccontextmanager
async def store_of(database: Database, request_seconds: str = "20") -> AsyncIterator[Store]:
    """A store that is configured for the database."""
    async with await asyncio.start_server(database.serve, "127.0.0.1", 0) as server:
        port = str(server.sockets[0].getsockname()[1])
        environ = {"DB_PORT": port, "DB_NAME": "books", "DB_USER": "clerk", "DB_PASSWORD": "pa55"}
        yield Store(load_settings(environ_of(**environ, REQUEST_SECONDS=request_seconds)))


async def test_the_store_connects_as_it_is_configured() -> None:
    """To this host and port, as this user with this password, to this database."""
    database = Database()
    async with store_of(database) as store:
        with pytest.raises(UnavailableError):
            await store.open()
    parameters, password = database.came[0]
    assert (parameters["user"], parameters["database"], password) == ("clerk", "books", "pa55")


@pytest.mark.rule("RES007")
async def test_a_database_that_says_nothing_is_given_up() -> None:
    """The error counts as a lost connection, so the start goes on waiting."""
    async with store_of(Database(silent=True), "0.2") as store, asyncio.timeout(10):
        with pytest.raises(UnavailableError):
            await store.open()


async def test_a_connection_and_a_statement_take_half_of_a_request_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the client gets its answer, that the database is away, while it still waits for one."""
    given: dict[str, Any] = {}

    async def create_pool(**options: Any) -> None:
        given.update(options)
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncpg, "create_pool", create_pool)
    with pytest.raises(UnavailableError):
        await Store(load_settings(environ_of(REQUEST_SECONDS="5"))).open()
    assert (given["timeout"], given["command_timeout"]) == (2.5, 2.5)


@pytest.mark.rule("RUN001", "TRD001", "TRD002")
@pytest.mark.parametrize("code", ["08006", "25006", "40001", "53100", "53300", "55000", "57P01", "57P03", "58030"])
def test_a_database_that_is_away_is_waited_for(code: str) -> None:
    """A lost connection, no room for one or on the disk, a standby, a shutdown and a start are all passing."""
    assert isinstance(asyncpg.PostgresError.new({"C": code, "M": "away"}), LOST)


@pytest.mark.rule("PRB005", "TRD006")
@pytest.mark.parametrize("code", ["28P01", "3D000", "42P01"])
def test_a_database_that_is_unfit_is_not_waited_for(code: str) -> None:
    """A wrong password, a missing database or a missing table does not pass by itself."""
    assert not isinstance(asyncpg.PostgresError.new({"C": code, "M": "unfit"}), LOST)
