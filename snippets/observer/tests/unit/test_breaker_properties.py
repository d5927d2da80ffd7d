"""The circuit breaker against random histories: what may never happen does not, and it always recovers."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from app.shared.breaker import CircuitBreaker, CircuitOpenError, State
from app.shared.errors import PermanentError, TransientError

WINDOW, OPEN = 30.0, 10.0


class Call:
    """One call through the breaker, driven by hand: begun, and ended when the machine says how."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        self.reached = False
        self.coroutine: Coroutine[Any, Any, None] = breaker.call(self._service)
        self.coroutine.send(None)

    def _service(self) -> Call:
        return self

    def __await__(self) -> Generator[None, None, None]:
        self.reached = True
        yield

    def end(self, error: BaseException | None) -> None:
        """Let the service answer, or raise the error at the place where the call waits."""
        if error is None:
            with pytest.raises(StopIteration):
                self.coroutine.send(None)
        else:
            with pytest.raises(type(error)):
                self.coroutine.throw(error)


class BreakerMachine(RuleBasedStateMachine):
    """Callers come, calls end in any way and any order, time passes; a simple model says what must hold."""

    pending = Bundle("pending")

    @initialize(rate=st.sampled_from([0.25, 0.5, 0.66, 1.0]), min_calls=st.integers(1, 6), probes=st.integers(1, 3))
    def build(self, rate: float, min_calls: int, probes: int) -> None:
        """Begin with a new breaker, strict or lenient."""
        self.now = 0.0
        self.rate, self.min_calls, self.probes = rate, min_calls, probes
        self.breaker = CircuitBreaker(
            "x",
            failure_rate=rate,
            min_calls=min_calls,
            window_seconds=WINDOW,
            open_seconds=OPEN,
            max_probes=probes,
            clock=lambda: self.now,
            on_change=self.changed,
        )
        self.era = 0
        self.opened_at = 0.0
        self.history: list[tuple[float, bool]] = []
        self.trials = 0
        self.succeeded = 0
        self.live: dict[int, tuple[Call, int]] = {}

    def changed(self, _: str, state: State) -> None:
        """The breaker reports a new state: the model begins a new era."""
        self.era += 1
        self.history, self.trials, self.succeeded = [], 0, 0
        if state is State.OPEN:
            self.opened_at = self.now

    @rule(target=pending)
    def call(self) -> int:
        """A caller asks; whether it is let through is decided by the model."""
        before, waiting = self.breaker.state, self.now - self.opened_at < OPEN
        trials = self.trials if before is State.HALF_OPEN else 0
        admitted = before is State.CLOSED or (not (before is State.OPEN and waiting) and trials < self.probes)
        number = len(self.live)
        if not admitted:
            with pytest.raises(CircuitOpenError) as rejected:
                Call(self.breaker)
            assert rejected.value.retry_after > 0
            return -1
        call = Call(self.breaker)
        assert call.reached
        if self.breaker.state is State.HALF_OPEN:
            self.trials += 1
        while number in self.live:
            number += 1
        self.live[number] = (call, self.era)
        return number

    @rule(
        number=consumes(pending),
        error=st.sampled_from(
            [
                None,
                TransientError("down"),
                TimeoutError(),
                PermanentError("no"),
                asyncio.CancelledError(),
                GeneratorExit(),
            ]
        ),
    )
    def end(self, number: int, error: BaseException | None) -> None:
        """A call ends: in the state that admitted it it counts, later it must be as if it never was."""
        if number not in self.live:
            return
        call, era = self.live.pop(number)
        before, state, current = self.picture(), self.breaker.state, era == self.era
        neutral = isinstance(error, asyncio.CancelledError | GeneratorExit)
        failed = isinstance(error, TransientError | TimeoutError)
        history, succeeded = [*self.history, (self.now, failed)], self.succeeded + 1
        call.end(error)
        if not current or (neutral and state is State.CLOSED):
            assert self.picture() == before
        elif state is State.CLOSED:
            recent = [bad for ended, bad in history if ended > self.now - WINDOW]
            must_open = failed and len(recent) >= self.min_calls and sum(recent) >= self.rate * len(recent)
            assert self.breaker.state is (State.OPEN if must_open else State.CLOSED)
            self.history = [] if must_open else history
        elif neutral:
            assert self.breaker.state is State.HALF_OPEN
            self.trials -= 1
        elif failed:
            assert self.breaker.state is State.OPEN
        elif succeeded < self.probes:
            assert self.breaker.state is State.HALF_OPEN
            self.succeeded = succeeded
        else:
            assert self.breaker.state is State.CLOSED

    # Sums of eighths are exact, so that model and breaker agree on which side of a limit a moment lies.
    @rule(seconds=st.sampled_from([0.125, OPEN - 0.125, OPEN, WINDOW - 0.125, WINDOW]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    @invariant()
    def trials_are_bounded(self) -> None:
        """At no moment do more trials run than were allowed."""
        if hasattr(self, "breaker") and self.breaker.state is State.HALF_OPEN:
            running = sum(era == self.era for _, era in self.live.values())
            assert running + self.succeeded == self.trials <= self.probes

    def teardown(self) -> None:
        """Whatever happened, good trials after the waiting time close the circuit."""
        if not hasattr(self, "breaker"):
            return
        for call, _ in self.live.values():
            call.end(asyncio.CancelledError())
        self.now += OPEN
        for _ in range(self.probes):
            Call(self.breaker).end(None)
        assert self.breaker.state is State.CLOSED

    def picture(self) -> dict[str, object]:
        """Everything the breaker knows."""
        return {name: repr(value) for name, value in vars(self.breaker).items()}


TestBreaker = pytest.mark.rule("RES012", "RES013", "RES014", "RES015", "RES018")(BreakerMachine.TestCase)
TestBreaker.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)
