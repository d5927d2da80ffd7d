"""The source's stream: opened after a tick, read in bounded batches without a gap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect

from app.shared.errors import TransientError
from app.ticks.batch import Batch, summed
from app.ticks.messages import Heartbeat, Held, Message, MessageError, Tick, read

SILENCE_SECONDS = 5.0
"""The source sends a heartbeat every second: after five it is gone, even if the connection looks alive."""
MAX_MESSAGE_BYTES = 4096
MAX_WAITING_MESSAGES = 1024
"""What is read ahead while a batch is stored; a source that is faster is held up by TCP, not by our memory."""


class SkippedError(TransientError):
    """The stream left ticks out that the source holds; a new connection starts at the right place."""


class RewoundError(Exception):
    """The source's numbers end before the stored position: it is another stream, or it has lost its own past."""


# --8<-- [start:source]
class Source:
    """Where the ticks come from; safe to open again and again."""

    def __init__(self, endpoint: str, stream: str, key: str, silence_seconds: float = SILENCE_SECONDS) -> None:
        self._url = endpoint.replace("http", "ws", 1) + "/stream"
        self._stream = stream
        self._headers = {"X-API-Key": key}
        self._silence_seconds = silence_seconds

    @asynccontextmanager
    async def open(self, after: int) -> AsyncIterator[Stream]:
        """The ticks after this number; raises RewoundError where the source has not come as far."""
        limit = self._silence_seconds
        async with connect(
            f"{self._url}?{urlencode({'stream': self._stream, 'after': after})}",
            additional_headers=self._headers,
            open_timeout=limit,
            close_timeout=1,
            compression=None,  # a small frame could become a large one
            max_size=MAX_MESSAGE_BYTES,
            max_queue=MAX_WAITING_MESSAGES,
            proxy=None,
        ) as connection:
            async with asyncio.timeout(limit):
                held = await _next(connection)
            if not isinstance(held, Held):
                raise MessageError("the source does not begin with what it holds")
            if held.newest < after:
                raise RewoundError(f"the source ends at {held.newest}, and {after} is stored")
            yield Stream(connection, after, held, limit)


# --8<-- [end:source]


# --8<-- [start:stream]
class Stream:
    """One connection: `last` is the tick that was taken from it last, `held` what the source said that it has."""

    def __init__(self, connection: ClientConnection, last: int, held: Held, silence_seconds: float) -> None:
        self._connection, self._silence_seconds = connection, silence_seconds
        self.last, self.held = last, held

    def skip(self) -> None:
        """Go on with the oldest tick that the source holds."""
        self.last = self.held.oldest - 1

    async def batch(self, most: int, seconds: float) -> tuple[Batch, Heartbeat | None]:
        """The next ticks: at most so many, and those of at most so many seconds from the first.

        A heartbeat ends a batch too, and comes with it. Raises SkippedError, MessageError, and TimeoutError
        when the source is silent.
        """
        after, ticks = self.last, list[Tick]()
        beat: Heartbeat | None = None
        now = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(self._silence_seconds) as limit:
                while beat is None and len(ticks) < most:
                    message = self._in_order(await _next(self._connection))
                    if isinstance(message, Heartbeat):
                        beat = message
                    elif message is not None:
                        ticks.append(message)
                        if len(ticks) == 1:
                            limit.reschedule(now() + seconds)
        except TimeoutError:
            if not ticks:
                raise
        at = beat.at if beat else ticks[-1].at
        return Batch(after, self.last, max(self.held.newest, self.last), at, summed(ticks)), beat

    def _in_order(self, message: Message) -> Tick | Heartbeat | None:
        """The message, if nothing is missing before it; None for a tick that was told before."""
        match message:
            case Tick(seq=seq) if seq <= self.last:
                return None
            case Tick(seq=seq) if seq == self.last + 1:
                self.last = seq
                return message
            case Heartbeat(newest=newest) if newest <= self.last:
                return message
            case Held():
                raise MessageError("the source begins again in the middle")
        raise SkippedError(f"tick {self.last + 1} is missing")


# --8<-- [end:stream]


async def _next(connection: ClientConnection) -> Message:
    return read(await connection.recv(decode=False))
