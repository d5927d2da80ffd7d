"""Retries: which calls, how often, how long, and within which budget."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.shared import retry as module
from app.shared.backoff import full_jitter
from app.shared.breaker import CircuitBreaker, CircuitOpenError, State
from app.shared.errors import PermanentError, TransientError
from app.shared.retry import RetryBudget, is_transient, retry


class Script:
    """A service that answers by script, and a sleep that only takes notes."""

    def __init__(self, *answers: Exception | str) -> None:
        self.answers = list(answers)
        self.calls = 0
        self.slept: list[float] = []
        self.budget = RetryBudget()

    async def __call__(self) -> str:
        """One call to the service; after the script it fails for ever."""
        self.calls += 1
        answer = self.answers.pop(0) if self.answers else TransientError("down")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        """Remember the wait."""
        self.slept.append(seconds)

    async def run(
        self, call: Callable[[], Awaitable[str]] | None = None, *, repeatable: bool = True, deadline: float = 60.0
    ) -> str:
        """Call the service with retries."""
        return await retry(
            call or self, repeatable=repeatable, deadline_seconds=deadline, budget=self.budget, sleep=self.sleep
        )


@pytest.fixture(autouse=True)
def longest_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The jitter at its upper end, so that waits can be compared."""
    monkeypatch.setattr(module, "full_jitter", lambda n, base, cap: full_jitter(n, base, cap, lambda _, high: high))


async def test_a_good_answer_needs_no_retry() -> None:
    """One call, no wait, no token spent."""
    script = Script("filled")
    assert await script.run() == "filled"
    assert (script.calls, script.slept, script.budget.tokens) == (1, [], 10.0)


@pytest.mark.rule("RES009", "TRD006")
async def test_a_transient_error_is_tried_again() -> None:
    """The second answer is the result."""
    script = Script(TransientError("reset"), "filled")
    assert await script.run() == "filled"
    assert script.calls == 2


@pytest.mark.rule("RES010", "RES021")
async def test_attempts_are_bounded_and_waits_grow() -> None:
    """Four attempts, three growing waits, then the last error."""
    last = TransientError("fourth")
    script = Script(TransientError("1"), TimeoutError(), ConnectionResetError(), last)
    with pytest.raises(TransientError) as raised:
        await script.run()
    assert raised.value is last
    assert (script.calls, script.slept) == (4, [0.1, 0.2, 0.4])


@pytest.mark.rule("RES010")
async def test_waits_are_capped() -> None:
    """However many attempts, no wait is longer than the cap."""
    script = Script()
    with pytest.raises(TransientError):
        await retry(script, repeatable=True, deadline_seconds=60, budget=script.budget, attempts=8, sleep=script.sleep)
    assert script.slept == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


@pytest.mark.rule("RES009", "TRD006")
@pytest.mark.parametrize("error", [PermanentError("404"), ValueError("ours"), KeyError("ours")])
async def test_other_errors_are_not_tried_again(error: Exception) -> None:
    """A refusal, or a mistake of our own, would only repeat itself."""
    script = Script(error, "filled")
    with pytest.raises(type(error)):
        await script.run()
    assert (script.calls, script.budget.tokens) == (1, 10.0)


@pytest.mark.rule("RES009", "TRD008")
async def test_a_call_that_must_not_happen_twice_is_made_once() -> None:
    """A POST without a key may have taken effect although its answer was lost."""
    script = Script(TransientError("answer lost"), "filled")
    with pytest.raises(TransientError):
        await script.run(repeatable=False)
    assert script.calls == 1


@pytest.mark.rule("RES017")
async def test_an_open_circuit_is_never_tried_again() -> None:
    """Even a predicate that calls everything transient does not change that."""
    script = Script(CircuitOpenError("exchange", 5.0), "filled")
    with pytest.raises(CircuitOpenError):
        await retry(
            script,
            repeatable=True,
            deadline_seconds=60,
            budget=script.budget,
            transient=lambda _: True,
            sleep=script.sleep,
        )
    assert (script.calls, script.slept) == (1, [])


@pytest.mark.rule("RES017")
async def test_retries_around_a_breaker_stop_when_it_opens() -> None:
    """retry(breaker(call)): the breaker sees every attempt, and its opening ends the retries."""
    script = Script()
    breaker = CircuitBreaker("exchange", min_calls=2)
    with pytest.raises(CircuitOpenError):
        await script.run(lambda: breaker.call(script))
    assert (script.calls, breaker.state) == (2, State.OPEN)
    with pytest.raises(CircuitOpenError):
        await script.run(lambda: breaker.call(script))
    assert script.calls == 2


@pytest.mark.rule("RES022")
async def test_all_callers_share_the_budget() -> None:
    """A thousand calls to a dead service make a tenth more and what a full bucket holds, not three thousand."""
    script = Script()
    for _ in range(1000):
        with pytest.raises(TransientError):
            await script.run()
    assert 1000 < script.calls <= 1000 + 100 + 100


@pytest.mark.rule("RES022")
async def test_what_a_retry_cost_is_gone() -> None:
    """Though the second attempt always succeeds, a hundred calls may not all have one."""
    answers: list[Exception | str] = [TransientError("1"), "filled"] * 100
    script = Script(*answers)
    for _ in range(100):
        with suppress(TransientError):
            await script.run()
    assert script.calls < 150


@pytest.mark.rule("RES022")
async def test_without_a_token_there_is_no_retry() -> None:
    """The first failure is the answer while the bucket is empty."""
    script = Script(TransientError("down"), "filled")
    script.budget.tokens = 0.0
    with pytest.raises(TransientError, match="down"):
        await script.run()
    assert (script.calls, script.slept) == (1, [])


@pytest.mark.rule("RES023")
async def test_retries_of_retries_do_not_multiply() -> None:
    """Three layers that all retry make four calls, not sixty-four."""
    script = Script()
    with pytest.raises(TransientError):
        await script.run(lambda: script.run(script.run))
    assert script.calls == 4


@pytest.mark.rule("RES023")
async def test_calls_after_a_retry_are_retried_again() -> None:
    """Only what runs inside a retry is a layer of it."""
    script = Script(TransientError("1"), "first", TransientError("2"), "second")
    assert [await script.run(), await script.run()] == ["first", "second"]


@pytest.mark.rule("RES007")
async def test_the_deadline_ends_a_running_attempt() -> None:
    """A service that never answers is left at the deadline."""
    async with asyncio.timeout(10):
        with pytest.raises(TimeoutError):
            await retry(asyncio.Event().wait, repeatable=True, deadline_seconds=0.02, budget=RetryBudget())


@pytest.mark.rule("RES007")
async def test_the_deadline_bounds_all_attempts_together() -> None:
    """Attempts that each end in time do not add up past the deadline."""
    calls = 0

    async def slow() -> None:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.03)
        raise TransientError("slow")

    with pytest.raises((TimeoutError, TransientError)):
        await retry(
            slow, repeatable=True, deadline_seconds=0.1, budget=RetryBudget(), attempts=1000, base_seconds=0.001
        )
    assert 1 <= calls <= 4


@pytest.mark.rule("RES007")
async def test_no_wait_is_begun_that_would_pass_the_deadline() -> None:
    """The caller learns of the failure at once, and no token is spent on a try that cannot happen."""
    script = Script(TransientError("busy", retry_after=60.0), "filled")
    with pytest.raises(TransientError, match="busy"):
        await script.run(deadline=60.0)
    assert (script.slept, script.budget.tokens) == ([], 10.0)


@pytest.mark.rule("RES010")
async def test_the_service_may_ask_for_a_longer_wait() -> None:
    """Retry-After is kept when it is longer than the backoff, and the backoff when it is longer."""
    script = Script(TransientError("busy", retry_after=7.0), TransientError("busy", retry_after=0.05), "filled")
    await script.run()
    assert script.slept == [7.0, 0.2]


async def test_a_cancelled_caller_is_not_held_up() -> None:
    """Cancelling is not an error to try again after."""
    script = Script()

    async def cancelled() -> str:
        script.calls += 1
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await script.run(cancelled)
    assert script.calls == 1


@pytest.mark.rule("TRD006")
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TransientError("503"), True),
        (TimeoutError(), True),
        (ConnectionResetError(), True),
        (PermanentError("404"), False),
        (CircuitOpenError("x", 1.0), False),
        (OSError(), False),
        (ValueError(), False),
    ],
)
def test_errors_are_classed(error: Exception, expected: bool) -> None:
    """What may pass is told from what will not."""
    assert is_transient(error) is expected


@pytest.mark.rule("RES022")
@settings(deadline=None)
@given(
    events=st.lists(st.booleans(), max_size=300),
    ratio=st.sampled_from([0.0, 0.1, 0.5]),
    capacity=st.sampled_from([0.0, 1.0, 10.0]),
)
def test_a_budget_never_gives_more_than_it_earned(events: list[bool], ratio: float, capacity: float) -> None:
    """Whatever the order: retries <= capacity + ratio * calls, and the bucket never holds more than its capacity."""
    budget = RetryBudget(ratio, capacity)
    calls = retries = 0
    for is_call in events:
        if is_call:
            budget.earn()
            calls += 1
        else:
            had = budget.tokens
            granted = budget.spend()
            assert granted == (had >= 1)
            retries += granted
        assert 0 <= budget.tokens <= capacity
    assert retries <= capacity + ratio * calls + 1e-6


@pytest.mark.rule("RES009", "RES017", "RES021", "RES022")
@settings(deadline=None)
@given(
    script=st.lists(st.sampled_from(["ok", "transient", "permanent", "open", "bug"]), min_size=1, max_size=8),
    repeatable=st.booleans(),
    attempts=st.integers(1, 6),
    tokens=st.integers(0, 6),
)
def test_a_call_is_made_again_only_after_transient_errors(
    script: list[str], repeatable: bool, attempts: int, tokens: int
) -> None:
    """For any script of answers: each repeated call follows a transient error, within attempts and budget."""
    errors = {
        "transient": TransientError("t"),
        "permanent": PermanentError("p"),
        "open": CircuitOpenError("x", 1.0),
        "bug": ValueError("b"),
    }
    seen: list[str] = []

    async def call() -> str:
        answer = script[len(seen)] if len(seen) < len(script) else "ok"
        seen.append(answer)
        if answer != "ok":
            raise errors[answer]
        return answer

    async def run() -> None:
        budget = RetryBudget(ratio=0.0, capacity=10.0)
        budget.tokens = tokens

        async def no_sleep(_: float) -> None:
            return

        result = await asyncio.gather(
            retry(call, repeatable=repeatable, deadline_seconds=60, budget=budget, attempts=attempts, sleep=no_sleep),
            return_exceptions=True,
        )
        outcome = result[0]
        assert outcome == "ok" if seen[-1] == "ok" else outcome is errors[seen[-1]]
        assert budget.tokens == tokens - (len(seen) - 1)

    asyncio.run(run())
    allowed = min(attempts, tokens + 1) if repeatable else 1
    assert len(seen) <= allowed
    assert all(answer == "transient" for answer in seen[:-1])
    assert seen[-1] != "transient" or len(seen) == allowed
