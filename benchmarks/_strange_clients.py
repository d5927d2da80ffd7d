"""Four kinds of clients that keep their connections, none of which sends a request twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from typing import Any

from benchmarks._http_clients import TRAVEL_SECONDS, Lost
from benchmarks.rolling_restarts import SHORT, Load

REQUEST = f"GET {SHORT} HTTP/1.1\r\nHost: service\r\n\r\n".encode()
HALF = len(REQUEST) // 2
PATIENCE_SECONDS = 30.0
BEHIND = 4
"""How many requests a pipelining client sends at once."""
COUNTS = {"busy": 4, "idle": 40, "slow": 12, "pipelining": 4}
THINK = {"busy": (0.0, 0.1), "idle": (3.0, 9.0), "slow": (0.0, 1.0), "pipelining": (0.1, 0.5)}
"""Seconds between an answer and the next request."""


class Strangers(Load):
    """Clients of each kind; `asked` and `gone` count requests that were sent and those left without an answer."""

    asked: Counter[str]
    gone: Counter[str]

    def clients(self) -> list[Coroutine[Any, Any, None]]:
        """So many of each kind."""
        self.asked, self.gone = Counter(), Counter()
        self._result.by_kind = {"requests": self.asked, "lost": self.gone}
        return [self._client(kind) for kind, count in COUNTS.items() for _ in range(count)]

    async def _client(self, kind: str) -> None:
        await asyncio.sleep(random.uniform(*THINK[kind]))
        while not self._over.is_set():
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    reader, writer = await asyncio.open_connection("127.0.0.1", self._service.pick())
            except (OSError, TimeoutError, Lost) as error:
                self._miss(kind, 1, 1, f"connect: {type(error).__name__}")
                await asyncio.sleep(0.1)
                continue
            try:
                await self._talk(kind, reader, writer)
            finally:
                writer.close()

    async def _talk(self, kind: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until the server closes or tells that it will, which a client sees before its next request sets out."""
        closing = False
        while not (closing or self._over.is_set() or reader.at_eof()):
            batch, answered = BEHIND if kind == "pipelining" else 1, 0
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._send(kind, writer, batch)
                    while answered < batch:
                        closing = await _answer(reader) or closing
                        answered += 1
            except (OSError, EOFError, TimeoutError, Lost) as error:
                self._miss(kind, batch, batch - answered, type(error).__name__)
                return
            self._miss(kind, batch, 0, "")
            await asyncio.sleep(random.uniform(*THINK[kind]))

    async def _send(self, kind: str, writer: asyncio.StreamWriter, batch: int) -> None:
        await asyncio.sleep(TRAVEL_SECONDS)
        if kind == "slow":
            writer.write(REQUEST[:HALF])
            await writer.drain()
            await asyncio.sleep(random.uniform(0.5, 4))
            writer.write(REQUEST[HALF:])
        else:
            writer.write(REQUEST * batch)
        await writer.drain()

    def _miss(self, kind: str, sent: int, missing: int, why: str) -> None:
        self.asked[kind] += sent
        self._result.requests += sent
        if missing:
            self.gone[kind] += missing
            self._result.lost += missing
            reason = f"{kind}: {why}"
            self._result.reasons[reason] = self._result.reasons.get(reason, 0) + missing


async def _answer(reader: asyncio.StreamReader) -> bool:
    """Read one to its last byte; whether the server is going to close."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status, *lines = head.strip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    await reader.readexactly(int(headers["content-length"]))
    if status.split()[1] != "200":
        raise Lost(f"status {status.split()[1]}")
    return headers.get("connection") == "close"
