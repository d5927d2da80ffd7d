"""What an order is, and the states it can be in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID


class Side(StrEnum):
    """Which way an order changes a position."""

    BUY = "buy"
    SELL = "sell"


# --8<-- [start:status]
class Status(StrEnum):
    """Accepted waits, sending is leased to a worker, placed is at the exchange; the last two are final."""

    ACCEPTED = "accepted"
    SENDING = "sending"
    PLACED = "placed"
    FILLED = "filled"
    REJECTED = "rejected"


NEXT: Mapping[Status | None, frozenset[Status]] = {
    None: frozenset({Status.ACCEPTED}),
    # A fill may be heard of before the answer to the submission is: it proves that the order was placed.
    Status.ACCEPTED: frozenset({Status.SENDING, Status.PLACED, Status.FILLED}),
    Status.SENDING: frozenset({Status.SENDING, Status.ACCEPTED, Status.PLACED, Status.FILLED, Status.REJECTED}),
    Status.PLACED: frozenset({Status.PLACED, Status.FILLED}),
    Status.FILLED: frozenset(),
    Status.REJECTED: frozenset(),
}
"""The legal steps of an audit trail (App document 7.2)."""
# --8<-- [end:status]


@dataclass(frozen=True, slots=True)
class Order:
    """One row of `orders`; its id is the client order id at the exchange too."""

    id: UUID
    idempotency_key: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    status: Status
    filled: Decimal
    exchange_id: str | None
    reason: str | None
    lease_owner: str | None
    lease_until: datetime
    attempts: int
    version: int
    created_at: datetime

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The order of a row that has at least these columns."""
        values = {name: row[name] for name in cls.__slots__}
        return cls(**values | {"side": Side(row["side"]), "status": Status(row["status"])})


@dataclass(frozen=True, slots=True)
class Fill:
    """An execution that the exchange reported; `exchange_seq` numbers all its fills without a gap."""

    exchange_seq: int
    order_id: UUID
    exchange_id: str
    quantity: Decimal
    price: Decimal
