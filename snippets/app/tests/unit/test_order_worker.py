"""The loop that works orders, over a store, an exchange and connections that a script steers (App document 7.2)."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest

from app.orders import worker as module
from app.orders.audit import Audit
from app.orders.exchange import Exchange
from app.orders.fills import FillStream
from app.orders.model import Order, Side, Status
from app.orders.store import Store
from app.orders.wake import Wake
from app.orders.worker import Worker
from app.shared.breaker import CircuitBreaker, CircuitOpenError
from app.shared.errors import PermanentError, TransientError, UnavailableError
from fixtures.trail import Trail

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = Order(
    UUID(int=7), "k", "AAPL", Side.BUY, Decimal(4), Decimal(10), Status.SENDING,
    Decimal(0), None, None, "owner", NOW, 1, 2, NOW,
)  # fmt: skip
AGAIN = replace(ORDER, attempts=3)
NOON = 5000.0


class Orders:
    """A store that hands out `due`, one list a claim, and writes down what it was told."""

    def __init__(self) -> None:
        self.due: list[list[Order] | Exception] = []
        self.claims: list[tuple[str, float, int]] = []
        self.told: list[tuple[object, ...]] = []
        self.ours = True
        self.broken: set[UUID] = set()
        self.held: list[tuple[UUID, int]] = []
        self.overdue: list[object] = []

    async def sending(self) -> list[tuple[UUID, int]]:
        """What some worker has."""
        return self.held

    async def claim(self, owner: str, lease_seconds: float, limit: int, overdue: object) -> list[Order]:
        """The next list, or the next error."""
        self.claims.append((owner, lease_seconds, limit))
        self.overdue.append(overdue)
        due = self.due.pop(0) if self.due else []
        if isinstance(due, Exception):
            raise due
        return due

    async def _told(self, *what: object) -> bool:
        if cast(Order, what[1]).id in self.broken:
            raise UnavailableError
        self.told.append(what)
        return self.ours

    async def place(self, order: Order, exchange_id: str) -> bool:
        """The exchange has it."""
        return await self._told("place", order, exchange_id)

    async def reject(self, order: Order, reason: str) -> bool:
        """The exchange never will."""
        return await self._told("reject", order, reason)

    async def release(self, order: Order, reason: str, delay_seconds: float) -> bool:
        """The exchange has not."""
        return await self._told("release", order, reason, delay_seconds)

    async def leave(self, order: Order, reason: str) -> bool:
        """Nobody knows."""
        return await self._told("leave", order, reason)


class Market:
    """An exchange that knows `known`, or raises `find_error`, and takes orders, or raises `submit_error`.

    A submission of one of `slow` takes a while.
    """

    def __init__(self) -> None:
        self.known: str | None = None
        self.find_error: Exception | None = None
        self.submit_error: Exception | None = None
        self.slow: set[UUID] = set()
        self.ahead = 1000.0
        self.client = SimpleNamespace(breaker=CircuitBreaker("exchange", min_calls=1, clock=lambda: NOON))
        self.asked: list[tuple[object, ...]] = []

    async def find(self, order_id: UUID) -> str | None:
        """Look it up."""
        self.asked.append(("find", order_id))
        if self.find_error:
            raise self.find_error
        return self.known

    async def time_at(self, moment: float) -> float:
        """Its clock is a good deal ahead."""
        return moment + self.ahead

    async def submit(self, order: Order, valid_until: float) -> str:
        """Take it."""
        self.asked.append(("submit", order, valid_until))
        if order.id in self.slow:
            for _ in range(5):
                await asyncio.sleep(0)
        if self.submit_error:
            raise self.submit_error
        return "x-new"


class Connection:
    """What `reconnect` opens and follows: it stays, and shows that it was followed as what it was opened."""

    def __init__(self) -> None:
        self.followed: list[object] = []
        self.waits: list[float] = []

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[object]:
        """Open it."""
        yield self

    async def follow(self, connection: object) -> None:
        """Stay until the end."""
        self.followed.append(connection)
        await asyncio.Event().wait()

    async def wait(self, seconds: float) -> None:
        """The wake-up call never comes; the others have their turn."""
        self.waits.append(seconds)
        await asyncio.sleep(0)


class Parts:
    """A worker and all that it works with."""

    def __init__(self, **options: float) -> None:
        self.now = NOON
        self.store, self.exchange, self.audit = Orders(), Market(), Trail()
        self.stream, self.wake = Connection(), Connection()
        self.states: list[tuple[str, bool]] = []
        self.worker = Worker(
            cast(Store, self.store),
            cast(Exchange, self.exchange),
            cast(FillStream, self.stream),
            cast(Wake, self.wake),
            cast(Audit, self.audit),
            on_state=lambda name, up: self.states.append((name, up)),
            clock=lambda: self.now,
            **options,  # type: ignore[arg-type]
        )


@pytest.fixture
def parts() -> Parts:
    """The worker as it is by default."""
    return Parts()


@pytest.fixture
def jitter(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, float, float]]:
    """What each wait was made from: its longest is taken, so that it can be told."""
    asked: list[tuple[int, float, float]] = []

    def longest(attempt: int, base_seconds: float, cap_seconds: float) -> float:
        asked.append((attempt, base_seconds, cap_seconds))
        return attempt * base_seconds

    monkeypatch.setattr(module, "full_jitter", longest)
    return asked


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[tuple[asyncio.Event, float]]:
    """The waits for the database, which take no time."""
    paused: list[tuple[asyncio.Event, float]] = []

    async def pause(draining: asyncio.Event, seconds: float) -> None:
        paused.append((draining, seconds))
        await asyncio.sleep(0)

    monkeypatch.setattr(module, "pause", pause)
    return paused


async def run_until(parts: Parts, enough: Callable[[], bool]) -> asyncio.Event:
    """Run the loop until it is enough, then drain; returns the event of the drain."""
    draining = asyncio.Event()
    running = asyncio.create_task(parts.worker.run(draining))
    async with asyncio.timeout(10):
        while not enough() and not running.done():  # noqa: ASYNC110  several kinds of things are waited for
            await asyncio.sleep(0)
        draining.set()
        await running
    return draining


async def test_each_claim_has_an_owner_of_its_own_that_names_the_host(parts: Parts) -> None:
    """An operator sees where an order is; an old claim of the same worker cannot touch a new one."""
    for _ in range(3):
        await parts.worker.cycle()
    owners = [owner for owner, _, _ in parts.store.claims]
    name, _, first = owners[0].rpartition("/")
    assert re.fullmatch(re.escape(socket.gethostname()) + "/[0-9a-f]{8}", name)
    assert (first, owners[1:]) == ("1", [f"{name}/2", f"{name}/3"])


async def test_two_workers_of_one_host_have_different_names(parts: Parts) -> None:
    """Replicas in one network namespace do not share a lease."""
    other = Parts()
    await parts.worker.cycle()
    await other.worker.cycle()
    assert parts.store.claims[0][0] != other.store.claims[0][0]


async def test_a_claim_is_for_ten_orders_and_half_a_minute(parts: Parts) -> None:
    """A worker takes what it can finish; one that dies keeps no order for long."""
    await parts.worker.cycle()
    assert parts.store.claims[0][1:] == (30.0, 10)


async def test_lease_and_batch_can_be_set() -> None:
    """The claim is made as the worker was told, and the lease is the one that bounds the submission."""
    parts = Parts(lease_seconds=9.0, batch=2)
    parts.store.due = [[ORDER]]
    await parts.worker.cycle()
    assert parts.store.claims[0][1:] == (9.0, 2)
    assert parts.exchange.asked == [("submit", ORDER, NOON + 1000 + 7.2)]


async def test_a_cycle_says_how_many_orders_it_worked(parts: Parts) -> None:
    """None, and two."""
    parts.store.due = [[], [ORDER, replace(ORDER, id=UUID(int=8))]]
    assert [await parts.worker.cycle(), await parts.worker.cycle()] == [0, 2]


async def test_an_order_that_cannot_be_written_down_does_not_stop_the_others(parts: Parts) -> None:
    """Each is worked to its end; then the loop hears of the database."""
    other = replace(ORDER, id=UUID(int=8))
    parts.store.due = [[ORDER, other]]
    parts.store.broken = {ORDER.id}
    parts.exchange.slow = {other.id}
    with pytest.raises(UnavailableError):
        await parts.worker.cycle()
    assert parts.store.told == [("place", other, "x-new")]


async def test_a_new_order_is_sent_without_a_lookup_and_placed(parts: Parts) -> None:
    """Nobody had it before; log and metrics hear of the claim, then of the place."""
    await parts.worker.work(ORDER, NOON)
    assert parts.exchange.asked == [("submit", ORDER, NOON + 1000 + 24.0)]
    assert parts.store.told == [("place", ORDER, "x-new")]
    assert parts.audit.records == [
        ("claimed", ORDER, {"attempt": 1}),
        ("placed", ORDER, {"exchange_id": "x-new"}),
    ]


@pytest.mark.rule("TRD008", "RES001")
@pytest.mark.parametrize("attempts", [2, 3])
async def test_an_order_that_somebody_had_before_is_looked_up(parts: Parts, attempts: int) -> None:
    """From its second attempt on: what the exchange has is placed as it has it, and not sent again."""
    parts.exchange.known = "x-old"
    again = replace(ORDER, attempts=attempts)
    await parts.worker.work(again, NOON)
    assert parts.exchange.asked == [("find", ORDER.id)]
    assert parts.store.told == [("place", again, "x-old")]
    assert parts.audit.records[-1] == ("placed", again, {"exchange_id": "x-old"})


@pytest.mark.rule("RES001", "TRD002")
async def test_an_order_that_the_exchange_does_not_know_is_sent(parts: Parts) -> None:
    """Whoever had it before died before sending."""
    await parts.worker.work(AGAIN, NOON)
    assert parts.exchange.asked == [("find", ORDER.id), ("submit", AGAIN, NOON + 1000 + 24.0)]
    assert parts.store.told == [("place", AGAIN, "x-new")]


@pytest.mark.rule("TRD003", "TRD004", "TRD006")
@pytest.mark.parametrize(
    ("error", "told", "event", "reason"),
    [
        (PermanentError("/orders: 422", 422), "reject", "rejected", "PermanentError: /orders: 422"),
        (PermanentError("/orders: 401", 401), "release", "released", "PermanentError: /orders: 401"),
        (
            CircuitOpenError("exchange", 1.0),
            "release",
            "released",
            "CircuitOpenError: circuit exchange is open for another 1.0 s",
        ),
        (TransientError("/orders: 500"), "leave", "unanswered", "TransientError: /orders: 500"),
    ],
    ids=["refused", "our key", "open circuit", "no answer"],
)
@pytest.mark.usefixtures("jitter")
async def test_each_kind_of_error_ends_in_its_state_with_its_reason(
    parts: Parts, error: Exception, told: str, event: str, reason: str
) -> None:
    """Who reads the order, or its line in the log, sees what the exchange said."""
    parts.exchange.submit_error = error
    await parts.worker.work(AGAIN, NOON)
    delay = [3 * 0.2] if told == "release" else []
    assert parts.store.told == [(told, AGAIN, reason, *delay)]
    assert parts.audit.records[1:] == [(event, AGAIN, {"reason": reason})]


async def test_a_released_order_waits_longer_with_every_attempt(
    parts: Parts, jitter: list[tuple[int, float, float]]
) -> None:
    """A fifth of a second, doubled each time, half a minute at most."""
    parts.exchange.submit_error = CircuitOpenError("exchange", 1.0)
    await parts.worker.work(ORDER, NOON)
    await parts.worker.work(AGAIN, NOON)
    assert jitter == [(1, 0.2, 30.0), (3, 0.2, 30.0)]


@pytest.mark.rule("TRD008")
@pytest.mark.parametrize("error", [TransientError("/orders: 503"), PermanentError("/orders: 422", 422)])
async def test_a_failed_lookup_releases_the_order_whatever_the_error(parts: Parts, error: Exception) -> None:
    """Nothing was sent, so nothing is open; and a refused lookup is not a refused order."""
    parts.exchange.find_error = error
    await parts.worker.work(AGAIN, NOON)
    assert [what[0] for what in parts.store.told] == ["release"]
    assert ("submit", AGAIN, NOON + 1000 + 24.0) not in parts.exchange.asked


@pytest.mark.parametrize(
    "error",
    [None, PermanentError("refused", 422), CircuitOpenError("exchange", 1.0), TransientError("500")],
    ids=["placed", "rejected", "released", "unanswered"],
)
async def test_of_a_lost_lease_nothing_is_told(parts: Parts, error: Exception | None) -> None:
    """The change did not happen, so neither log nor metrics claim that it did."""
    parts.store.ours = False
    parts.exchange.submit_error = error
    await parts.worker.work(ORDER, NOON)
    assert len(parts.store.told) == 1
    assert [event for event, _, _ in parts.audit.records] == ["claimed"]


async def test_stream_and_wake_up_calls_are_followed_and_their_states_reported(parts: Parts) -> None:
    """Each under its own name, from the first connection to the drain."""
    await run_until(parts, lambda: bool(parts.stream.followed and parts.wake.followed))
    assert (parts.stream.followed, parts.wake.followed) == ([parts.stream], [parts.wake])
    for name in ("exchange", "redis"):
        assert [up for heard, up in parts.states if heard == name] == [True, False]
    assert {name for name, _ in parts.states} == {"exchange", "redis", "postgres"}


async def test_an_idle_worker_waits_for_a_wake_up_call(parts: Parts) -> None:
    """A second at most, then it looks by itself; after as much work as it can take it looks again at once."""
    parts.store.due = [[ORDER] * 10, []]
    await run_until(parts, lambda: len(parts.wake.waits) == 1)
    assert parts.wake.waits[0] == 1.0
    assert len(parts.store.claims) == 2


@pytest.mark.rule("RES002", "TRD002")
async def test_an_idle_worker_looks_by_itself_before_long(parts: Parts) -> None:
    """What a crash left behind, nobody calls for."""
    await run_until(parts, lambda: bool(parts.wake.waits))
    assert 0 < parts.wake.waits[0] <= 30


async def test_the_idle_time_can_be_set() -> None:
    """The wait is the one that the worker was told."""
    parts = Parts(idle_seconds=0.25)
    await run_until(parts, lambda: bool(parts.wake.waits))
    assert set(parts.wake.waits) == {0.25}


@pytest.mark.rule("RUN001", "TRD002")
async def test_a_lost_database_is_waited_for_longer_each_time(
    parts: Parts,
    jitter: list[tuple[int, float, float]],
    pauses: list[tuple[asyncio.Event, float]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Two losses in a row, an answer, one loss more: the count begins anew, and readiness hears of each."""
    reset, late, away = (UnavailableError(name) for name in ("reset", "late", "away"))
    lost: list[list[Order] | Exception] = [reset, late, [], away]
    parts.store.due = lost
    draining = await run_until(parts, lambda: len(parts.wake.waits) == 2)
    assert jitter == [(1, 0.2, 30.0), (2, 0.2, 30.0), (1, 0.2, 30.0)]
    assert pauses == [(draining, 0.2), (draining, 0.4), (draining, 0.2)]
    states = [up for name, up in parts.states if name == "postgres"]
    assert states[:5] == [False, False, True, False, True]
    said = [message for message in caplog.messages if "postgres" in message]
    assert said == [f"connection postgres lost: {kind}" for kind in ("reset", "late", "away")]


async def test_an_error_of_our_own_ends_the_loop(parts: Parts) -> None:
    """A bug is not taken for a lost connection: the process ends with it, and its connections are closed."""
    parts.store.due = [KeyError("a bug")]
    with pytest.raises(ExceptionGroup) as raised:
        await run_until(parts, lambda: False)
    assert raised.group_contains(KeyError)


@pytest.mark.rule("SHD008", "TRD007")
async def test_nothing_is_claimed_once_the_drain_has_started(parts: Parts) -> None:
    """A loop that starts late does not start at all."""
    draining = asyncio.Event()
    draining.set()
    async with asyncio.timeout(10):
        await parts.worker.run(draining)
    assert (parts.store.claims, parts.states) == ([], [])


@pytest.mark.rule("SHD008", "TRD007")
async def test_what_was_claimed_is_finished_though_the_drain_has_started(parts: Parts) -> None:
    """An order in hand is brought to its end; no further one is claimed."""
    parts.store.due = [[ORDER], [ORDER]]
    parts.exchange.slow = {ORDER.id}
    await run_until(parts, lambda: bool(parts.exchange.asked))
    assert parts.store.told == [("place", ORDER, "x-new")]
    assert len(parts.store.claims) == 1


@pytest.mark.rule("TRD010")
async def test_an_order_that_another_worker_has_is_taken_over_when_it_stood_still_for_a_lease(parts: Parts) -> None:
    """By our own clock, from the moment when we first saw it; a change of it begins the time anew."""
    still, moving = (UUID(int=1), 4), (UUID(int=2), 7)
    for now, version in ((0, 7), (10, 7), (20, 8), (29, 8), (33, 8), (60, 8)):
        parts.now = NOON + now
        parts.store.held = [still, (moving[0], version)]
        await parts.worker.cycle()
    assert parts.store.overdue == [[], [], [], [], [still], [still, (moving[0], 8)]]


@pytest.mark.rule("TRD010")
async def test_nothing_is_sent_that_another_worker_may_have_by_then(parts: Parts) -> None:
    """Whoever was stopped between claim and submission gives the order back."""
    parts.now = NOON + 24.0
    await parts.worker.work(ORDER, NOON)
    assert (parts.exchange.asked, parts.store.told[0][0]) == ([], "release")


@pytest.mark.rule("TRD004")
async def test_nothing_is_claimed_while_the_exchange_is_known_to_be_away(parts: Parts) -> None:
    """It would only be given back, with two lines of the trail each time; then one order is tried first."""

    async def fail() -> None:
        raise TransientError("away")

    breaker = parts.exchange.client.breaker
    with suppress(TransientError):
        await breaker.call(fail)
    assert (await parts.worker.cycle(), parts.store.claims) == (0, [])
    breaker._clock = lambda: NOON + 10.0
    await parts.worker.cycle()
    assert [limit for _, _, limit in parts.store.claims] == [1]
