"""Calls that are made again after a passing failure, within a deadline and a budget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TypeVar

from app.shared.backoff import full_jitter
from app.shared.breaker import CircuitOpenError
from app.shared.errors import TransientError

T = TypeVar("T")


# --8<-- [start:budget]
class RetryBudget:
    """Tokens that all calls to one service share: retries add `ratio` to its load at most (App document 6.4).

    A call earns `ratio` tokens, a retry costs one, and the bucket holds `capacity`: while everything fails,
    retries stop soon, and a service in trouble does not get several times its usual load.
    """

    def __init__(self, ratio: float = 0.1, capacity: float = 10.0) -> None:
        self._ratio = ratio
        self._capacity = capacity
        self.tokens = capacity

    def earn(self) -> None:
        """Count a call that is not a retry."""
        self.tokens = min(self._capacity, self.tokens + self._ratio)

    def spend(self) -> bool:
        """Take a token for one retry; False when there is none."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


# --8<-- [end:budget]

_retrying: ContextVar[bool] = ContextVar("retrying", default=False)


def is_transient(error: Exception) -> bool:
    """Whether the same call may succeed a moment later."""
    return isinstance(error, TransientError | TimeoutError | ConnectionError)


# --8<-- [start:retry]
# Not tenacity: it bounds neither a running attempt nor the sum of all callers' retries, which is most of this file.
async def retry(
    call: Callable[[], Awaitable[T]],
    *,
    repeatable: bool,
    deadline_seconds: float,
    budget: RetryBudget,
    attempts: int = 4,
    base_seconds: float = 0.1,
    cap_seconds: float = 2.0,
    transient: Callable[[Exception], bool] = is_transient,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """The result of `call()`, made again after transient errors (App document 6.4).

    `repeatable` says that a second call has no second effect: it is idempotent, or carries an idempotency key.
    `deadline_seconds` bounds everything together, the waits included. Raises the last error when attempts,
    budget or deadline leave no room for another try, and TimeoutError when the deadline ends a running attempt.
    Inside another retry it makes one attempt only, because retries of retries multiply.
    """
    last = attempts if repeatable and not _retrying.get() else 1
    nested = _retrying.set(True)
    now = asyncio.get_running_loop().time
    deadline = now() + deadline_seconds
    try:
        async with asyncio.timeout_at(deadline):
            budget.earn()
            for attempt in range(1, last):
                try:
                    return await call()
                except CircuitOpenError:
                    raise  # the breaker asked for quiet: a retry would be noise
                except Exception as error:
                    wait = _wait(error, full_jitter(attempt, base_seconds, cap_seconds))
                    if not transient(error) or now() + wait >= deadline or not budget.spend():
                        raise
                await sleep(wait)
            return await call()
    finally:
        _retrying.reset(nested)


# --8<-- [end:retry]


def _wait(error: Exception, backoff: float) -> float:
    asked = error.retry_after if isinstance(error, TransientError) else None
    return max(backoff, asked or 0.0)
