"""A hundred callers of a service that is down: with a shared budget the retries end, and so does the pressure."""

import asyncio
from contextlib import suppress

from app.shared.errors import TransientError
from app.shared.retry import RetryBudget, retry


async def calls_with(budget: RetryBudget) -> int:
    """How many calls a hundred callers make, each patient enough for four attempts."""
    calls = 0

    async def down() -> str:
        nonlocal calls
        calls += 1
        raise TransientError("503")

    for _ in range(100):
        with suppress(TransientError):
            await retry(down, repeatable=True, deadline_seconds=5, budget=budget, base_seconds=0.001)
    return calls


print(asyncio.run(calls_with(RetryBudget(capacity=1000))))
#> 400
print(asyncio.run(calls_with(RetryBudget(ratio=0.125, capacity=10))))
#> 122
