"""A circuit breaker: a service that keeps failing is left alone until it had time to recover."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TypeVar

from app.shared.errors import PermanentError

T = TypeVar("T")
logger = logging.getLogger(__name__)


# --8<-- [start:state]
class State(StrEnum):
    """Closed lets every call through, open none, half-open a few trial calls."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CircuitOpenError(Exception):
    """The call was not made; asking again makes sense after `retry_after` seconds (App document 7.4)."""

    def __init__(self, name: str, retry_after: float) -> None:
        super().__init__(f"circuit {name} is open for another {retry_after:.1f} s")
        self.retry_after = retry_after


def is_outage(error: Exception) -> bool:
    """Whether an error says that the service is unwell; a refusal says that it works."""
    return not isinstance(error, PermanentError)


class CircuitBreaker:
    """Guards one service, in one event loop (App document 6.4).

    It opens when, of at least `min_calls` calls that ended in the last `window_seconds`, the share
    `failure_rate` failed; at most the newest `window_calls` are remembered. After `open_seconds` it lets
    `max_probes` trial calls through: when all succeed it closes, when one fails it opens again.
    A call that never ends would hold its trial for ever, so calls need a deadline of their own,
    inside the breaker: only there does a timeout count as a failure.
    """

    def __init__(
        self,
        name: str,
        *,
        failure_rate: float = 0.5,
        min_calls: int = 10,
        window_seconds: float = 30.0,
        window_calls: int = 1000,
        open_seconds: float = 10.0,
        max_probes: int = 1,
        is_failure: Callable[[Exception], bool] = is_outage,
        on_change: Callable[[str, State], None] | None = None,
        clock: Callable[[], float] = time.monotonic,  # the wall clock jumps
    ) -> None:
        if not (0 < failure_rate <= 1 <= min_calls <= window_calls and max_probes >= 1):
            raise ValueError("need 0 < failure_rate <= 1 <= min_calls <= window_calls and max_probes >= 1")
        self.name = name
        self.state = State.CLOSED
        self._failure_rate, self._min_calls, self._window_seconds = failure_rate, min_calls, window_seconds
        self._open_seconds, self._max_probes = open_seconds, max_probes
        self._is_failure, self._on_change, self._clock = is_failure, on_change, clock
        self._outcomes: deque[tuple[float, bool]] = deque(maxlen=window_calls)
        self._changed_at = 0.0
        self._generation = 0
        self._trials = self._successes = 0

    # --8<-- [end:state]

    # --8<-- [start:call]
    async def call(self, function: Callable[[], Awaitable[T]]) -> T:
        """Await `function()` and learn from how it ends; raises CircuitOpenError instead of calling it."""
        generation = self._admit()
        failed: bool | None = None  # a cancelled call says nothing about the service
        try:
            result = await function()
            failed = False
        except Exception as error:
            failed = self._is_failure(error)
            raise
        finally:
            self._record(generation, failed)
        return result

    @property
    def wait_seconds(self) -> float:
        """How long a call would be refused yet; work that cannot be done is better not begun."""
        if self.state is not State.OPEN:
            return 0.0
        return max(0.0, self._changed_at + self._open_seconds - self._clock())

    # --8<-- [end:call]

    # --8<-- [start:admit]
    def _admit(self) -> int:
        if self.state is State.OPEN:
            if (wait := self.wait_seconds) > 0:
                raise CircuitOpenError(self.name, wait)
            self._change(State.HALF_OPEN)
        if self.state is State.HALF_OPEN:
            if self._trials >= self._max_probes:
                raise CircuitOpenError(self.name, self._open_seconds)
            self._trials += 1
        return self._generation

    # --8<-- [end:admit]

    # --8<-- [start:record]
    def _record(self, generation: int, failed: bool | None) -> None:
        if generation != self._generation:
            return  # the call began in an earlier state: its result is old news
        match self.state, failed:
            case State.HALF_OPEN, None:
                self._trials -= 1
            case State.HALF_OPEN, True:
                self._change(State.OPEN)
            case State.HALF_OPEN, False:
                self._successes += 1
                if self._successes == self._max_probes:
                    self._change(State.CLOSED)
            case State.CLOSED, bool():
                self._outcomes.append((self._clock(), failed))
                if failed and self._failing():
                    self._change(State.OPEN)

    def _failing(self) -> bool:
        oldest = self._clock() - self._window_seconds
        recent = [failed for ended, failed in self._outcomes if ended > oldest]
        return len(recent) >= self._min_calls and sum(recent) >= self._failure_rate * len(recent)

    def _change(self, state: State) -> None:
        logger.warning("circuit %s: %s -> %s", self.name, self.state, state)
        self.state = state
        self._changed_at = self._clock()
        self._generation += 1
        self._trials = self._successes = 0
        self._outcomes.clear()
        if self._on_change is not None:
            self._on_change(self.name, state)

    # --8<-- [end:record]
