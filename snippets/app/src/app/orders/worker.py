"""The loop that works orders: claim, ask, send, write down; and again after whatever went wrong."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from uuid import uuid4

from app.orders.audit import Audit
from app.orders.errors import Outcome, outcome
from app.orders.exchange import Exchange
from app.orders.fills import FillStream
from app.orders.lease import Seen, Watch
from app.orders.model import Order
from app.orders.store import Store
from app.orders.wake import Wake
from app.shared.backoff import full_jitter, pause, reconnect
from app.shared.breaker import State
from app.shared.errors import UnavailableError

SKEW = 0.2
"""The share of a lease that is left unused, because no two clocks run alike."""
logger = logging.getLogger(__name__)


class Worker:
    """Works orders until the drain starts; any number of them may share a database (App document 7.2).

    `lease_seconds` must be longer than one order takes with every deadline used up. `on_state(name, up)` hears
    how the connections are: postgres, redis, exchange.
    """

    def __init__(
        self,
        store: Store,
        exchange: Exchange,
        stream: FillStream,
        wake: Wake,
        audit: Audit,
        *,
        on_state: Callable[[str, bool], None],
        lease_seconds: float = 30.0,
        idle_seconds: float = 1.0,
        batch: int = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._exchange, self._stream, self._wake = store, exchange, stream, wake
        self._audit, self._on_state = audit, on_state
        self._lease_seconds, self._idle_seconds, self._batch = lease_seconds, idle_seconds, batch
        self._name = f"{socket.gethostname()}/{uuid4().hex[:8]}"
        self._claims = 0
        self._clock = clock
        self._watch = Watch(lease_seconds, clock)
        self._looked: float | None = None

    # --8<-- [start:loop]
    async def run(self, draining: asyncio.Event) -> None:
        """Work until the drain starts, then finish what was claimed. There is no other way to start or to stop."""
        connections = [
            reconnect("exchange", self._stream.connect, self._stream.follow, draining, on_state=self._on_state),
            reconnect("redis", self._wake.connect, self._wake.follow, draining, on_state=self._on_state),
        ]
        async with asyncio.TaskGroup() as group:
            for connection in connections:
                group.create_task(connection)
            failures = 0
            while not draining.is_set():
                try:
                    worked = await self.cycle()
                except UnavailableError as error:
                    failures += 1
                    self._on_state("postgres", False)
                    logger.warning("connection postgres lost: %s", error)
                    await pause(draining, full_jitter(failures, 0.2, 30.0))
                else:
                    failures = 0
                    self._on_state("postgres", True)
                    if worked < self._batch:
                        await self._wake.wait(self._idle_seconds)

    # --8<-- [end:loop]

    async def cycle(self) -> int:
        """Claim what is due, work it, and say how many orders that were; raises what the store raised."""
        breaker = self._exchange.client.breaker
        if breaker.wait_seconds > 0:
            return 0  # what was claimed now would only be given back, with two lines of the audit trail each
        self._claims += 1  # each claim is an owner of its own, so an old one of ours cannot touch a new one
        begun = self._clock()  # before the claim: whoever sees it, sees it later
        orders = await self._store.claim(
            f"{self._name}/{self._claims}",
            self._lease_seconds,
            self._batch if breaker.state is State.CLOSED else 1,
            await self._overdue(),
        )
        # Each order is worked to its end, even if writing another one down has failed.
        results = await asyncio.gather(*(self.work(order, begun) for order in orders), return_exceptions=True)
        for result in results:
            if result is not None:
                raise result
        return len(orders)

    async def _overdue(self) -> list[Seen]:
        """Look ten times a lease at what is being sent, by whomever: an order that does not move is abandoned."""
        if self._looked is not None and self._clock() - self._looked < self._lease_seconds / 10:
            return []
        self._looked = self._clock()
        return self._watch.overdue(await self._store.sending())

    # --8<-- [start:work]
    async def work(self, order: Order, begun: float) -> None:
        """Bring one order, claimed not before `begun` (monotonic), to the exchange, once (App document 7.4)."""
        self._audit.record("claimed", order, attempt=order.attempts)
        sent = False
        try:
            # Whoever had this order before may have sent it and died, or never heard the answer.
            exchange_id = await self._exchange.find(order.id) if order.attempts > 1 else None
            if exchange_id is None:
                until = begun + (1 - SKEW) * self._lease_seconds
                valid_until = await self._exchange.time_at(until)
                if self._clock() >= until:
                    raise TimeoutError("the lease is nearly over")
                sent = True
                exchange_id = await self._exchange.submit(order, valid_until)
        except Exception as error:
            await self._failed(order, error, sent)
        else:
            if await self._store.place(order, exchange_id):
                self._audit.record("placed", order, exchange_id=exchange_id)

    async def _failed(self, order: Order, error: Exception, sent: bool) -> None:
        reason = f"{type(error).__name__}: {error}"
        match outcome(error) if sent else Outcome.NOT_SENT:
            case Outcome.REJECTED:
                done = await self._store.reject(order, reason)
                event = "rejected"
            case Outcome.NOT_SENT:
                delay = full_jitter(order.attempts, 0.2, 30.0)
                done = await self._store.release(order, reason, delay)
                event = "released"
            case Outcome.UNKNOWN:
                done = await self._store.leave(order, reason)
                event = "unanswered"
        if done:
            self._audit.record(event, order, reason=reason)

    # --8<-- [end:work]
