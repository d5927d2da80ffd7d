"""Redis wakes idle workers when an order comes in; without Redis they find it a little later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

CHANNEL = "orders"
SILENCE_SECONDS = 15.0
logger = logging.getLogger(__name__)


# --8<-- [start:wake]
class Wake:
    """A hint, never the truth: an order that nobody was told of is found by the next look (App document 7.3)."""

    def __init__(self, url: str) -> None:
        # `reconnect` is the one that tries again: a retry below it would only hide that Redis is away.
        # Deadlines are set around the calls: with a `socket_timeout` redis-py loses cancellations on Python 3.11.
        self._redis = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=None, retry=Retry(NoBackoff(), 0))
        self._event = asyncio.Event()
        self._name = uuid4().bytes

    async def notify(self) -> None:
        """Wake the worker of this process, and the others through Redis if it is there."""
        self._event.set()
        try:
            async with asyncio.timeout(0.5):
                await self._redis.publish(CHANNEL, self._name)
        except (RedisError, OSError, TimeoutError) as error:
            logger.debug("no wake-up call: %s", type(error).__name__)

    async def wait(self, seconds: float) -> None:
        """Sleep until there may be work, at most this long."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        finally:
            self._event.clear()

    # --8<-- [end:wake]

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[PubSub]:
        """Subscribe; for `reconnect(...)`."""
        async with self._redis.pubsub() as channel:
            async with asyncio.timeout(SILENCE_SECONDS):
                await channel.subscribe(CHANNEL)
            yield channel

    async def follow(self, channel: PubSub) -> None:
        """Wake at every message; raises when Redis does not answer a ping."""
        while True:
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=SILENCE_SECONDS)
            if message is not None and message["data"] != self._name:  # of our own orders we know
                self._event.set()
            async with asyncio.timeout(SILENCE_SECONDS):
                await self._redis.ping()

    async def ping(self) -> None:
        """Ask Redis for an answer."""
        await self._redis.ping()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
