"""An order."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Order:
    side: str
    quantity: Decimal
    price: float
