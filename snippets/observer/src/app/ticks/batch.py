"""A step of the stream: ticks that follow one another, summed by symbol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.ticks.messages import Tick


# --8<-- [start:batch]
@dataclass(frozen=True, slots=True)
class Change:
    """What a batch does to one symbol: its newest tick, how many there were, and how much was traded in them."""

    newest: Tick
    ticks: int
    volume: Decimal


@dataclass(frozen=True, slots=True)
class Batch:
    """The ticks after number `after` up to number `upto`; none when both are the same.

    By the source's clock nothing was missing at `at`; `newest` is the last tick that it was heard to have.
    """

    after: int
    upto: int
    newest: int
    at: datetime
    changes: tuple[Change, ...] = ()


def summed(ticks: Sequence[Tick]) -> tuple[Change, ...]:
    """The changes of ticks in the order of their numbers, sorted by symbol: two writers lock rows in one order."""
    changes: dict[str, Change] = {}
    for tick in ticks:
        known = changes.get(tick.symbol, Change(tick, 0, Decimal(0)))
        changes[tick.symbol] = Change(tick, known.ticks + 1, known.volume + tick.quantity)
    return tuple(changes[symbol] for symbol in sorted(changes))


# --8<-- [end:batch]
