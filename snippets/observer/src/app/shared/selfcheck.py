"""The app looks at its own state now and then, so that a broken invariant is seen before a customer sees it."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
from collections.abc import Awaitable, Callable, Mapping

from app.shared.backoff import pause

logger = logging.getLogger(__name__)

Check = Callable[[], Awaitable[str | None]]  # says what is wrong, or None


# --8<-- [start:selfcheck]
async def selfcheck(
    checks: Mapping[str, Check],
    draining: asyncio.Event,
    *,
    interval_seconds: float,
    timeout_seconds: float,
    on_result: Callable[[str, bool], None],
) -> None:
    """Run every check each interval until the drain starts (App document 7.3).

    `on_result(name, ok)` feeds the metrics. A check that raises or outlasts `timeout_seconds` has failed:
    it ends neither the loop nor the checks after it.
    """
    while not draining.is_set():
        for name, check in checks.items():
            problem = await _problem(check, timeout_seconds)
            if problem is not None:
                logger.error("self-check %s: %s", name, problem)
            on_result(name, problem is None)
        await pause(draining, interval_seconds)


async def _problem(check: Check, timeout_seconds: float) -> str | None:
    try:
        async with asyncio.timeout(timeout_seconds):
            return await check()
    except Exception as error:
        return f"could not be judged: {type(error).__name__}"


# --8<-- [end:selfcheck]


# --8<-- [start:descriptors]
def open_descriptors() -> tuple[int, int]:
    """File descriptors in use by this process, and how many it may open (App document 7.3)."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return len(os.listdir("/proc/self/fd")), allowed


async def descriptors_left(threshold: float = 0.8) -> str | None:
    """A check: files and connections are released before they run out."""
    used, allowed = open_descriptors()
    return f"{used} of {allowed} file descriptors are open" if used >= threshold * allowed else None


# --8<-- [end:descriptors]
