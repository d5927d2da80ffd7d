"""How long to wait before the next try, and the loop that keeps one connection alive for ever."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

C = TypeVar("C")
logger = logging.getLogger(__name__)


# --8<-- [start:jitter]
def full_jitter(
    attempt: int, base_seconds: float, cap_seconds: float, uniform: Callable[[float, float], float] = random.uniform
) -> float:
    """Seconds to wait after failure number `attempt` (from 1): anything from none to the doubled, capped base.

    Clients that failed together would come back together if the wait had no chance in it (App document 6.4).
    """
    doubled = base_seconds * 2 ** min(attempt - 1, 60)  # 60 doublings pass any cap, and a float can hold them
    return uniform(0.0, min(cap_seconds, doubled))


# --8<-- [end:jitter]


# --8<-- [start:reconnect]
async def reconnect(
    name: str,
    connect: Callable[[], AbstractAsyncContextManager[C]],
    use: Callable[[C], Awaitable[None]],
    draining: asyncio.Event,
    *,
    on_state: Callable[[str, bool], None],
    base_seconds: float = 0.2,
    cap_seconds: float = 30.0,
    stable_seconds: float = 10.0,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Connect, use, and connect again when it breaks, until the drain starts (App document 7.3).

    `use` gets the connection and runs while it works. `on_state(name, up)` feeds readiness and metrics.
    Only a connection that lived `stable_seconds` resets the wait, so one that is accepted
    and dropped at once is not hammered either.
    """
    failures = 0

    async def session() -> None:
        nonlocal failures
        opened_at: float | None = None
        try:
            async with connect() as connection:
                opened_at = clock()
                on_state(name, True)
                await use(connection)
        except Exception as error:
            logger.warning("connection %s lost: %s", name, type(error).__name__)
        finally:
            on_state(name, False)
            stable = opened_at is not None and clock() - opened_at >= stable_seconds
            failures = 1 if stable else failures + 1

    while not draining.is_set():
        if await _unless(draining, session()):
            await pause(draining, full_jitter(failures, base_seconds, cap_seconds))


# --8<-- [end:reconnect]


async def pause(draining: asyncio.Event, seconds: float) -> None:
    """Sleep, but not a moment longer than until the drain starts."""
    try:
        async with asyncio.timeout(seconds):
            await draining.wait()
    except TimeoutError:
        return


async def _unless(draining: asyncio.Event, work: Awaitable[None]) -> bool:
    """Whether the work ended by itself; when the drain starts first it is cancelled, and waited for."""
    task = asyncio.ensure_future(work)
    drain = asyncio.ensure_future(draining.wait())
    try:
        await asyncio.wait({task, drain}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            return False
        await task
        return True
    finally:
        drain.cancel()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
