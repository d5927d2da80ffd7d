"""Nine situations that a circuit breaker meets, put to ours, to four published ones and to the usual sketch.

`python -m benchmarks.breakers` prints the table and writes build/benchmarks/breakers.json.
Every breaker is set up for the same task: five failures in a row open it, for 0.4 seconds.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from importlib.metadata import version
from pathlib import Path
from typing import Protocol
from unittest import mock

import aiobreaker  # type: ignore[import-untyped]
import circuitbreaker  # type: ignore[import-untyped]
import purgatory
import pybreaker
from purgatory.domain.model import OpenedState

sys.path.insert(0, str(Path(__file__).parents[1] / "snippets" / "app" / "src"))

from benchmarks._report import write
from benchmarks._words import KOREAN, said

from app.shared.breaker import CircuitBreaker, CircuitOpenError
from app.shared.errors import PermanentError, TransientError

OPEN_SECONDS = 0.4
WINDOW_SECONDS = 0.6
FAILURES = 5


class RejectedError(Exception):
    """The breaker did not make the call."""


class Breaker(Protocol):
    """What the scenarios need of a breaker: one call, in its own way of rejecting."""

    async def call(self, function: Callable[[], Awaitable[None]]) -> None:
        """Make the call, or raise RejectedError; the call's own error comes out unchanged."""


# Adapters: each uses the library as its documentation shows for asyncio, with its way to leave business errors out.


class Ours:
    """The reference app's breaker."""

    def __init__(self) -> None:
        self._breaker = CircuitBreaker(
            "x", min_calls=FAILURES, open_seconds=OPEN_SECONDS, window_seconds=WINDOW_SECONDS
        )

    async def call(self, function: Callable[[], Awaitable[None]]) -> None:
        """Through `call`."""
        try:
            await self._breaker.call(function)
        except CircuitOpenError as error:
            raise RejectedError from error


class CircuitbreakerLibrary:
    """circuitbreaker, through its decorator."""

    def __init__(self) -> None:
        self._breaker = circuitbreaker.CircuitBreaker(
            FAILURES, OPEN_SECONDS, lambda kind, _: issubclass(kind, Exception) and kind is not PermanentError
        )

    async def call(self, function: Callable[[], Awaitable[None]]) -> None:
        """Through a decorated function."""

        async def decorated() -> None:
            await function()

        try:
            await self._breaker.decorate(decorated)()
        except circuitbreaker.CircuitBreakerError as error:
            raise RejectedError from error


class Aiobreaker:
    """aiobreaker, through `call_async`."""

    def __init__(self) -> None:
        self._breaker = aiobreaker.CircuitBreaker(FAILURES, timedelta(seconds=OPEN_SECONDS), [PermanentError])

    async def call(self, function: Callable[[], Awaitable[None]]) -> None:
        """Through `call_async`; the error that trips it is replaced by the breaker's own, its cause is the call's."""
        try:
            await self._breaker.call_async(function)
        except aiobreaker.CircuitBreakerError as error:
            if error.__cause__ is None:
                raise RejectedError from error
            raise error.__cause__ from None


class Pybreaker:
    """pybreaker, through `calling()`: its own `call_async` is for Tornado."""

    def __init__(self) -> None:
        self._breaker = pybreaker.CircuitBreaker(
            FAILURES, OPEN_SECONDS, exclude=[PermanentError], throw_new_error_on_trip=False
        )

    async def call(self, function: Callable[[], Awaitable[None]]) -> None:
        """Through the context manager."""
        try:
            with self._breaker.calling():
                await function()
        except pybreaker.CircuitBreakerError as error:
            raise RejectedError from error


class Purgatory:
    """purgatory, through its asynchronous context manager."""

    def __init__(self) -> None:
        self._factory = purgatory.AsyncCircuitBreakerFactory(FAILURES, OPEN_SECONDS, [PermanentError])

    async def call(self, function: Callable[[], Awaitable[None]]) -> None:
        """Through `get_breaker`."""
        breaker = await self._factory.get_breaker("x")
        try:
            async with breaker:
                await function()
        except OpenedState as error:
            raise RejectedError from error


class Sketch:
    """The breaker that is written by heart: a counter, a state and the time of day (App document 2.0.0 had it so)."""

    def __init__(self) -> None:
        self._failures = 0
        self._closed = True
        self._failed_at = 0.0

    async def call(self, function: Callable[[], Awaitable[None]]) -> None:
        """Any success resets, any error counts."""
        if not self._closed and time.time() - self._failed_at <= OPEN_SECONDS:
            raise RejectedError
        try:
            await function()
        except Exception:
            self._failures += 1
            if self._failures >= FAILURES:
                self._closed, self._failed_at = False, time.time()
            raise
        self._failures, self._closed = 0, True


ADAPTERS: dict[str, Callable[[], Breaker]] = {
    "ours": Ours,
    "circuitbreaker": CircuitbreakerLibrary,
    "aiobreaker": Aiobreaker,
    "pybreaker": Pybreaker,
    "purgatory": Purgatory,
    "sketch": Sketch,
}


PACKAGES = ("circuitbreaker", "aiobreaker", "pybreaker", "purgatory")


async def succeed() -> None:
    """A call that goes well."""


async def fail() -> None:
    """A call that shows an outage."""
    raise TransientError("down")


async def refuse() -> None:
    """A call that is answered with a refusal."""
    raise PermanentError("unknown symbol")


async def ends(breaker: Breaker, function: Callable[[], Awaitable[None]]) -> str:
    """How a call through the breaker ends: ok, error or rejected."""
    try:
        await breaker.call(function)
    except RejectedError:
        return "rejected"
    except (TransientError, PermanentError):
        return "error"
    return "ok"


async def trip(breaker: Breaker) -> None:
    """Five failures in a row: every breaker here opens."""
    for _ in range(FAILURES):
        await ends(breaker, fail)


async def admits(breaker: Breaker) -> bool:
    """Whether a call reaches the service now."""
    return await ends(breaker, succeed) != "rejected"


class Held:
    """A call that has reached the service and waits there until it is told how to end."""

    def __init__(self, breaker: Breaker) -> None:
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reached = asyncio.Event()
        self._task = asyncio.ensure_future(ends(breaker, self._wait))

    async def _wait(self) -> None:
        self._reached.set()
        await self._end

    async def reached(self) -> Held:
        """Wait until the call is at the service."""
        await self._reached.wait()
        return self

    async def succeed(self) -> None:
        """The service answers."""
        self._end.set_result(None)
        await self._task

    async def fail(self) -> None:
        """The service fails."""
        self._end.set_exception(TransientError("late"))
        await self._task

    async def cancel(self) -> None:
        """The caller goes away."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


# The scenarios: each returns what the breaker did, as it is published.


async def half_open_flood(breaker: Breaker) -> str:
    """A hundred callers arrive when the waiting time is over: one trial call is enough."""
    await trip(breaker)
    await asyncio.sleep(OPEN_SECONDS * 1.5)
    called = 0

    async def trial() -> None:
        nonlocal called
        called += 1
        await asyncio.sleep(0.01)

    await asyncio.gather(*(ends(breaker, trial) for _ in range(100)))
    return f"admits {called}"


async def cancelled_trial(breaker: Breaker) -> str:
    """The caller of the trial goes away: nothing is known, so the next call is the trial."""
    await trip(breaker)
    await asyncio.sleep(OPEN_SECONDS * 1.5)
    trial = await Held(breaker).reached()
    await trial.cancel()
    if await ends(breaker, fail) == "rejected":
        return "opens"
    # One failure re-opens a half-open breaker; a closed one stands it.
    return "closes" if await admits(breaker) else "is neutral"


async def stale_success(breaker: Breaker) -> str:
    """A call from before the outage succeeds while the circuit is open: it stays open."""
    slow = await Held(breaker).reached()
    await trip(breaker)
    await slow.succeed()
    return "closes" if await admits(breaker) else "stays open"


async def stale_failure(breaker: Breaker) -> str:
    """A call from before the outage fails near the end of the waiting time: it ends when it would have."""
    slow = await Held(breaker).reached()
    await trip(breaker)
    await asyncio.sleep(OPEN_SECONDS * 0.75)
    await slow.fail()
    await asyncio.sleep(OPEN_SECONDS * 0.5)
    return "ends in time" if await admits(breaker) else "is extended"


async def business_errors(breaker: Breaker) -> str:
    """Twenty refusals from a healthy service: it stays closed."""
    for _ in range(20):
        await ends(breaker, refuse)
    return "stays closed" if await admits(breaker) else "opens"


async def clock_set_back(breaker: Breaker) -> str:
    """The time of day is set back by an hour while the circuit is open: the waiting time ends all the same."""
    await trip(breaker)
    with wall_clock_shifted(-3600):
        await asyncio.sleep(OPEN_SECONDS * 1.5)
        return "ends in time" if await admits(breaker) else "sticks"


async def clock_set_forward(breaker: Breaker) -> str:
    """The time of day is set forward by an hour while the circuit is open: it stays open."""
    await trip(breaker)
    with wall_clock_shifted(3600):
        return "ends early" if await admits(breaker) else "stays open"


async def interleaved_failures(breaker: Breaker) -> str:
    """Two of three calls fail, with a success after each pair: it opens."""
    for _ in range(20):
        for function in (fail, fail, succeed):
            if await ends(breaker, function) == "rejected":
                return "opens"
    return "stays closed"


async def old_failures(breaker: Breaker) -> str:
    """Four failures, a quiet time, and one more: that is one failure, and it stays closed."""
    for _ in range(FAILURES - 1):
        await ends(breaker, fail)
    await asyncio.sleep(WINDOW_SECONDS * 1.3)
    await ends(breaker, fail)
    return "stays closed" if await admits(breaker) else "opens"


@dataclass(frozen=True)
class Scenario:
    """A situation, and the one right thing to do in it."""

    run: Callable[[Breaker], Awaitable[str]]
    right: str

    @property
    def name(self) -> str:
        """The name in the table."""
        return self.run.__name__


SCENARIOS = (
    Scenario(half_open_flood, "admits 1"),
    Scenario(cancelled_trial, "is neutral"),
    Scenario(stale_success, "stays open"),
    Scenario(stale_failure, "ends in time"),
    Scenario(business_errors, "stays closed"),
    Scenario(clock_set_back, "ends in time"),
    Scenario(clock_set_forward, "stays open"),
    Scenario(interleaved_failures, "opens"),
    Scenario(old_failures, "stays closed"),
)


_shift: ContextVar[float] = ContextVar("shift", default=0.0)


@contextmanager
def wall_clock_shifted(seconds: float) -> Iterator[None]:
    """For this task the time of day is off by so much; the monotonic clock is not."""
    token = _shift.set(seconds)
    yield
    _shift.reset(token)


@contextmanager
def shiftable_wall_clock() -> Iterator[None]:
    """The time of day, by every way in which a breaker here reads it, follows `wall_clock_shifted`."""
    real = time.time

    def shifted() -> float:
        return real() + _shift.get()

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(shifted(), tz)

        @classmethod
        def utcnow(cls) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(shifted(), UTC).replace(tzinfo=None)

    with ExitStack() as stack:
        stack.enter_context(mock.patch("time.time", shifted))
        for module in ("aiobreaker.circuitbreaker", "aiobreaker.state", "pybreaker"):
            stack.enter_context(mock.patch(f"{module}.datetime", Shifted))
        yield


async def table() -> dict[str, dict[str, str]]:
    """What a new breaker of each kind does in each scenario, all of them at the same time."""

    async def run(scenario: Scenario, adapter: Callable[[], Breaker]) -> str:
        return await scenario.run(adapter())

    with shiftable_wall_clock():
        rows = [asyncio.gather(*(run(scenario, kind) for kind in ADAPTERS.values())) for scenario in SCENARIOS]
        answers = await asyncio.gather(*rows)
    return {
        scenario.name: dict(zip(ADAPTERS, row, strict=True)) for scenario, row in zip(SCENARIOS, answers, strict=True)
    }


def main() -> int:
    """Print the table, write it down; 1 unless ours is right everywhere."""
    logging.disable(logging.CRITICAL)
    answers = asyncio.run(table())
    right = {scenario.name: scenario.right for scenario in SCENARIOS}
    score = {name: sum(answers[row][name] == right[row] for row in right) for name in ADAPTERS}
    versions = {name: version(name) for name in PACKAGES}
    document = {
        "scenarios": [
            {"name": s.name, "meaning": s.run.__doc__, "right": s.right, "answers": answers[s.name]} for s in SCENARIOS
        ],
        "score": score,
        "versions": versions,
    }
    heading = [name if name not in versions else f"{name} {versions[name]}" for name in ADAPTERS]
    rows: list[list[object]] = [
        [said(name.replace("_", " ")), *(_verdict(answers[name][kind], wanted) for kind in ADAPTERS)]
        for name, wanted in right.items()
    ]
    total = [f"{points}/{len(right)}" for points in score.values()]
    columns = {"ko": ["상황", *(KOREAN.get(name, name) for name in heading)], "en": ["Situation", *heading]}
    write("breakers", columns, [*rows, ["", *total]], **document)
    width = max(map(len, right))
    print(" " * width, *(f"{name:>14}" for name in ADAPTERS))
    for row, wanted in right.items():
        cells = [("" if answer == wanted else "* ") + answer for answer in answers[row].values()]
        print(f"{row:{width}}", *(f"{cell:>14}" for cell in cells))
    print(f"{'right':{width}}", *(f"{f'{points} of {len(right)}':>14}" for points in score.values()))
    return 0 if score["ours"] == len(right) else 1


def _verdict(answer: str, wanted: str) -> dict[str, str]:
    return {language: f"{'✓' if answer == wanted else '✗'} {words}" for language, words in said(answer).items()}


if __name__ == "__main__":
    raise SystemExit(main())
