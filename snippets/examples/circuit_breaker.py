"""A service goes down and comes back; the breaker spares it in between."""

import asyncio

from app.shared.breaker import CircuitBreaker, CircuitOpenError
from app.shared.errors import TransientError


class Quotes:
    """A service that is down during its first twenty seconds."""

    now = 0.0
    calls = 0

    async def ask(self) -> str:
        """One call that reaches the service."""
        self.calls += 1
        if self.now < 20:
            raise TransientError("503")
        return "101.5"


async def main() -> None:
    """Ask once a second for half a minute."""
    quotes, rejected = Quotes(), 0
    breaker = CircuitBreaker("quotes", min_calls=5, open_seconds=10, clock=lambda: quotes.now)
    for second in range(30):
        quotes.now = float(second)
        try:
            await breaker.call(quotes.ask)
        except CircuitOpenError:
            rejected += 1
        except TransientError:
            continue
    print(breaker.state, quotes.calls, rejected)
    #> closed 12 18


asyncio.run(main())
