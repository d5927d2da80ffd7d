"""What the database and Redis hear first, at an address of which every part was made up by the test."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app.config import load_settings
from app.orders.store import Store
from app.orders.wake import Wake
from app.shared.errors import UnavailableError
from fixtures.environment import environ_of

SSL_REQUEST = bytes.fromhex("0000000804d2162f")


class Heard:
    """A server at a port of its own that answers as it is told, and keeps what it was told."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self.text, self.port = b"", 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            self.text += data
            answer = self._answer(data)
            if not answer:
                break
            writer.write(answer)
        writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """While it serves."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        yield
        server.close()


@pytest.mark.rule("TWF003")
async def test_the_database_is_the_one_that_the_environment_names() -> None:
    """Host, port, database, user."""
    heard = Heard(lambda data: b"N" if data == SSL_REQUEST else b"")
    async with heard.listening():
        environ = environ_of(DB_HOST="127.0.0.1", DB_PORT=str(heard.port), DB_NAME="other", DB_USER="somebody")
        with pytest.raises(UnavailableError):
            async with asyncio.timeout(10):
                await Store(load_settings(environ)).open()
    assert b"user\0somebody\0" in heard.text
    assert b"database\0other\0" in heard.text


@pytest.mark.rule("TWF003")
async def test_redis_is_the_one_that_the_environment_names() -> None:
    """Host, port, user, password, number of the database."""
    hello, well = b"%1\r\n$5\r\nproto\r\n:3\r\n", b"+OK\r\n"
    heard = Heard(
        lambda data: b"".join(hello if b"HELLO" in each else well for each in re.split(rb"(?m)^\*", data)[1:])
    )
    async with heard.listening(), asyncio.timeout(10):
        wake = Wake(f"redis://somebody:pa55-of-another@127.0.0.1:{heard.port}/3")
        await wake.ping()
        await wake.aclose()
    words = [word for word in heard.text.split(b"\r\n") if not word.startswith((b"$", b"*"))]
    assert {b"somebody", b"pa55-of-another"} <= set(words)
    assert words[words.index(b"SELECT") + 1] == b"3"
