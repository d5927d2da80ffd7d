"""The exchange's HTTP interface: look an order up, submit it."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from app.config import Settings
from app.orders.model import Order
from app.shared.breaker import CircuitBreaker
from app.shared.client import ServiceClient
from app.shared.errors import PermanentError, TransientError
from app.shared.retry import RetryBudget

SKEW = 0.2
"""The share of the lease that is left unused, because the exchange's clock is not the database's."""


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

    def __init__(self, client: ServiceClient) -> None:
        self.client = client

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
    async def submit(self, order: Order, lease_seconds: float) -> str:
        """The exchange's id of the order it took, asked once: only the worker may try again, after a lookup.

        The exchange refuses a submission that reaches it after `valid_until`. That is before the lease ends,
        so a worker that recovers the order never overtakes one that is still on its way.
        """
        valid_until = order.lease_until.timestamp() - SKEW * lease_seconds
        if time.time() >= valid_until:
            raise TransientError("the lease is nearly over")
        body = {
            "client_order_id": str(order.id),
            "symbol": order.symbol,
            "side": order.side,
            "quantity": str(order.quantity),
            "price": str(order.price),
            "valid_until": valid_until,
        }
        return _exchange_id((await self.client.request("POST", "/orders", json=body)).json())

    # --8<-- [end:submit]

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.aclose()


def _exchange_id(body: Any) -> str:
    match body:
        case {"exchange_id": str(exchange_id)}:
            return exchange_id
    raise TransientError("the exchange's answer has no exchange_id")
