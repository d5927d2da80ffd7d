"""How far what is stored is behind the source."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Position:
    """How far a stream is stored: up to tick `seq`, of `newest` that the source was last heard to have.

    By the source's clock nothing was missing at `at`; None before the first step.
    """

    seq: int
    newest: int
    at: datetime | None


# --8<-- [start:lag]
class Lag:
    """Measures by the source's clock, which goes on while the source is silent: an outage is a lag that grows.

    Until the source has told its time, and in a process that only waits to take over, this machine's clock stands in.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._ahead = wall() - clock()
        self._position = Position(0, 0, None)

    def told(self, at: datetime) -> None:
        """A connection begins: this is what the source's clock shows, however it was set in the meantime."""
        self._ahead = at.timestamp() - self._clock()

    def heard(self, at: datetime) -> None:
        """The source's clock shows at least this: a message that waited to be read does not set it back."""
        self._ahead = max(self._ahead, at.timestamp() - self._clock())

    def stored(self, position: Position) -> None:
        """This is in the database now."""
        self._position = position

    @property
    def seconds(self) -> float:
        """Between the source's clock and the moment up to which everything is stored; NaN before the first step."""
        at = self._position.at
        return float("nan") if at is None else max(0.0, self._clock() + self._ahead - at.timestamp())

    @property
    def ticks(self) -> int:
        """That the source was heard to have and that are not stored."""
        return max(0, self._position.newest - self._position.seq)


# --8<-- [end:lag]
