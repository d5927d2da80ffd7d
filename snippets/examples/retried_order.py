"""The answer to an order gets lost, and the call is made again: what the idempotency key is for."""

import asyncio

from app.shared.errors import TransientError
from app.shared.retry import RetryBudget, retry


class Exchange:
    """Takes every order at once, but its first answer never arrives."""

    def __init__(self) -> None:
        self.orders: dict[str, str] = {}
        self.calls = 0

    async def place(self, key: str, order: str) -> str:
        """Take an order; the same key is the same order."""
        self.calls += 1
        self.orders.setdefault(key, order)
        if self.calls == 1:
            raise TransientError("the answer did not arrive")
        return "accepted"


async def main(exchange: Exchange) -> str:
    """Repeat the call until there is an answer; the key is chosen once, outside of the retry."""
    return await retry(
        lambda: exchange.place("order-1", "buy 10 AAPL"),
        repeatable=True,
        deadline_seconds=5,
        budget=RetryBudget(),
    )


exchange = Exchange()
print(asyncio.run(main(exchange)), exchange.calls, exchange.orders)
#> accepted 2 {'order-1': 'buy 10 AAPL'}
