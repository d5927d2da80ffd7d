"""Redis for what may be lost: without it an answer is poorer, and none is refused."""

from __future__ import annotations

import asyncio
import logging

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

DAY_SECONDS = 24 * 60 * 60
log = logging.getLogger(__name__)


class Cache:
    """Each call gives up after half a second, so that a Redis that hangs delays nobody for longer."""

    def __init__(self, url: str) -> None:
        # Deadlines are set around the calls: with a `socket_timeout` redis-py loses cancellations on Python 3.11.
        self._redis = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=None, retry=Retry(NoBackoff(), 0))

    async def times(self, key: str) -> int | None:
        """How often the key was counted within a day, this time included; None while Redis is away."""
        try:
            async with asyncio.timeout(0.5), self._redis.pipeline(transaction=True) as pipeline:
                pipeline.set(key, 0, ex=DAY_SECONDS, nx=True)
                pipeline.incr(key)
                _, counted = await pipeline.execute()
                return int(counted)
        except (RedisError, OSError, TimeoutError) as error:
            log.debug("not counted: %s", type(error).__name__)
            return None

    async def ping(self) -> None:
        """Ask Redis for an answer."""
        await self._redis.ping()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
