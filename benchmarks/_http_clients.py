"""HTTP clients without a second chance: what a server does to their request is what they report."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

PATIENCE_SECONDS = 30.0
THINK_SECONDS = (0.1, 0.4)
TRAVEL_SECONDS = 0.01
"""How long a request is on its way: a connection that is closed meanwhile takes the request with it."""


class Lost(Exception):
    """The request got no whole answer with status 200; the text says what came instead."""


async def ask(port: int, path: str) -> None:
    """One request over a connection of its own."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await _exchange(reader, writer, path, "close")
            finally:
                writer.close()
    except (OSError, EOFError, TimeoutError) as error:
        raise Lost(type(error).__name__) from error


async def conversation(port: int, path: str, over: asyncio.Event) -> AsyncIterator[None]:
    """Requests over one connection, with pauses, until the server closes it or `over` is set; yields per answer.

    A connection that the server closed while it was idle is noticed, as any client does, if it was closed before
    the next request set out.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except (OSError, TimeoutError) as error:
        raise Lost(f"connect: {type(error).__name__}") from error
    try:
        closing = False
        while not (closing or over.is_set() or reader.at_eof()):
            async with asyncio.timeout(PATIENCE_SECONDS):
                closing = await _exchange(reader, writer, path, "keep-alive")
            yield
            await asyncio.sleep(random.uniform(*THINK_SECONDS))
    except (OSError, EOFError, TimeoutError) as error:
        raise Lost(f"keep-alive: {type(error).__name__}") from error
    finally:
        writer.close()


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, connection: str) -> bool:
    """Send and read to the last byte; whether the server is going to close the connection."""
    await asyncio.sleep(TRAVEL_SECONDS)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: service\r\nConnection: {connection}\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status, *lines = head.split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines if line)
    await reader.readexactly(int(headers["content-length"]))
    if status.split()[1] != "200":
        raise Lost(f"status {status.split()[1]}")
    return headers.get("connection") == "close"
