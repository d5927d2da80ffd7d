"""When an order that another worker has may be taken over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from uuid import UUID

Seen = tuple[UUID, int]
"""An order and its version, which every change of it raises."""


# --8<-- [start:watch]
class Watch:
    """Sees which orders stay as they are for a whole lease, by the clock of this process alone (App document 7.4).

    A time written down by one clock and read by another moves a lease when either is set. What Kubernetes does for
    its leaders is done here: each worker measures for itself how long it has seen nothing change.
    """

    def __init__(self, lease_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._lease_seconds, self._clock = lease_seconds, clock
        self._since: dict[Seen, float] = {}

    def overdue(self, sending: Iterable[Seen]) -> list[Seen]:
        """Of the orders being sent now, those that have not changed for a lease."""
        now = self._clock()
        self._since = {each: self._since.get(each, now) for each in sending}
        return [each for each, since in self._since.items() if now - since >= self._lease_seconds]


# --8<-- [end:watch]
