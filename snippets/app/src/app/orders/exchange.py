"""The exchange's HTTP interface: look an order up, submit it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from app.orders.model import Order
from app.settings import Settings
from app.shared.breaker import CircuitBreaker
from app.shared.client import ServiceClient
from app.shared.errors import PermanentError, TransientError
from app.shared.retry import RetryBudget

CLOCK_SECONDS = 60.0
"""How long an answer to the question for the exchange's time is good for: no two clocks run alike."""


def open_exchange(settings: Settings) -> Exchange:
    """The client of the configured exchange; it connects with the first call."""
    client = ServiceClient(
        settings.api_endpoint,
        breaker=CircuitBreaker("exchange"),
        budget=RetryBudget(),
        attempt_seconds=settings.request_seconds / 2,
        total_seconds=settings.request_seconds,
        headers={"X-API-Key": settings.api_key.get_secret_value()},
    )
    return Exchange(client)


class Exchange:
    """What the worker needs of the exchange; errors are those of `ServiceClient.request`."""

    def __init__(self, client: ServiceClient, clock: Callable[[], float] = time.monotonic) -> None:
        self.client = client
        self._clock = clock
        self._ahead = 0.0
        self._asked: float | None = None

    async def find(self, order_id: UUID) -> str | None:
        """The exchange's id of an order that it has; a lookup is repeatable, so the client retries it."""
        try:
            response = await self.client.request("GET", f"/orders/{order_id}")
        except PermanentError as error:
            if error.status == 404:
                return None
            raise
        return _exchange_id(response.json())

    # --8<-- [start:submit]
    async def time_at(self, moment: float) -> float:
        """What the exchange's clock shows at a moment of ours (monotonic seconds), or a little less.

        It is asked for, because a wall clock of ours may be an hour off and be set at any time.
        """
        if self._asked is None or self._clock() - self._asked > CLOCK_SECONDS:
            told = _time((await self.client.request("GET", "/time")).json())
            self._asked = self._clock()
            self._ahead = told - self._asked  # the answer was on its way meanwhile: never too late
        return moment + self._ahead

    async def submit(self, order: Order, valid_until: float) -> str:
        """The exchange's id of the order it took, asked once: only the worker may try again, after a lookup.

        The exchange refuses a submission that reaches it after `valid_until`, by its own clock. That is before the
        lease ends, so a worker that recovers the order never overtakes one that is still on its way.
        """
        body = {
            "client_order_id": str(order.id),
            "symbol": order.symbol,
            "side": order.side,
            "quantity": format(order.quantity, "f"),
            "price": format(order.price, "f"),
            "valid_until": valid_until,
        }
        try:
            return _exchange_id((await self.client.request("POST", "/orders", json=body)).json())
        except TransientError:
            self._asked = None  # one cause is that its clock was set
            raise

    # --8<-- [end:submit]

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.aclose()


def _exchange_id(body: Any) -> str:
    match body:
        case {"exchange_id": str(exchange_id)}:
            return exchange_id
    raise TransientError("the exchange's answer has no exchange_id")


def _time(body: Any) -> float:
    match body:
        case {"time": float(seconds) | int(seconds)}:
            return float(seconds)
    raise TransientError("the exchange's answer has no time")
