"""A batch: ticks summed by symbol."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from app.ticks.batch import Change, summed
from app.ticks.messages import Tick


def tick(seq: int, symbol: str, quantity: str) -> Tick:
    """A tick of this number."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Tick(type="tick", seq=seq, symbol=symbol, price=Decimal("0.1"), quantity=Decimal(quantity), at=at)


def test_the_newest_tick_of_a_symbol_stands_beside_the_sums_of_all_of_them() -> None:
    """The count and the volume are those of the batch; symbols are sorted."""
    ticks = [tick(1, "MSFT", "0.1"), tick(2, "AAPL", "5"), tick(3, "MSFT", "0.2")]
    assert summed(ticks) == (Change(ticks[1], 1, Decimal(5)), Change(ticks[2], 2, Decimal("0.3")))


def test_no_ticks_change_nothing() -> None:
    """A batch that only says that the source is alive has no changes."""
    assert summed([]) == ()
