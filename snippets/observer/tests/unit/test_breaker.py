"""The circuit breaker, one behaviour at a time, on a clock that the test moves."""

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable

import pytest

from app.shared import breaker as module
from app.shared.breaker import CircuitBreaker, CircuitOpenError, State
from app.shared.errors import PermanentError, TransientError


class Clock:
    """Monotonic seconds that pass only when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Seconds now."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def changes() -> list[State]:
    """The states that the breaker reported."""
    return []


@pytest.fixture
def breaker(clock: Clock, changes: list[State]) -> CircuitBreaker:
    """A breaker that needs four calls to open, and one trial to close."""

    def changed(name: str, state: State) -> None:
        assert name == "exchange"
        changes.append(state)

    return CircuitBreaker(
        "exchange", min_calls=4, window_seconds=30, open_seconds=10, max_probes=1, clock=clock, on_change=changed
    )


def state_of(breaker: CircuitBreaker) -> State:
    """The state at this moment, which the type checker would take for the one it saw last."""
    return breaker.state


async def succeed() -> str:
    """A call that goes well."""
    return "answer"


def fail_with(error: BaseException) -> Callable[[], Awaitable[str]]:
    """A call that raises the error."""

    async def fail() -> str:
        raise error

    return fail


fail = fail_with(TransientError("down"))


async def failures(breaker: CircuitBreaker, count: int, error: BaseException | None = None) -> None:
    """So many calls, each failing."""
    for _ in range(count):
        with pytest.raises(type(error) if error else TransientError):
            await breaker.call(fail_with(error) if error else fail)


class Held:
    """A call that ends when the test decides how."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        self.result: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.task = asyncio.ensure_future(breaker.call(self._wait))

    async def _wait(self) -> str:
        return await self.result

    async def begin(self) -> "Held":
        """Let the call reach the service."""
        await asyncio.sleep(0)
        return self

    async def succeed(self) -> None:
        """The service answers at last."""
        self.result.set_result("late")
        await self.task

    async def fail(self) -> None:
        """The service fails at last."""
        self.result.set_exception(TransientError("late"))
        with pytest.raises(TransientError):
            await self.task

    async def cancel(self) -> None:
        """The caller goes away."""
        self.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self.task


async def hold(breaker: CircuitBreaker) -> Held:
    """A call that has reached the service and waits there."""
    return await Held(breaker).begin()


async def test_a_closed_breaker_hands_the_result_through(breaker: CircuitBreaker) -> None:
    """The caller gets what the call returned."""
    assert await breaker.call(succeed) == "answer"


async def test_a_closed_breaker_hands_the_error_through(breaker: CircuitBreaker) -> None:
    """The caller gets the very error that the call raised."""
    error = TransientError("down")
    with pytest.raises(TransientError) as raised:
        await breaker.call(fail_with(error))
    assert raised.value is error


@pytest.mark.rule("RES012")
async def test_an_open_breaker_does_not_call(breaker: CircuitBreaker) -> None:
    """Rejected means that the service was not called, nothing was waited for, and the error says when to ask again."""
    await failures(breaker, 4)
    calls: list[int] = []

    async def count() -> None:
        calls.append(1)

    with pytest.raises(CircuitOpenError) as rejected:
        breaker.call(count).send(None)  # before anything else has its turn
    assert (breaker.state, calls, rejected.value.retry_after) == (State.OPEN, [], 10.0)
    assert str(rejected.value) == "circuit exchange is open for another 10.0 s"


@pytest.mark.rule("RES012", "RES018")
async def test_it_stays_open_to_the_end_of_the_window(breaker: CircuitBreaker, clock: Clock) -> None:
    """A tenth of a second before the end nothing is admitted, at the end a trial is."""
    await failures(breaker, 4)
    clock.now += 9.5
    with pytest.raises(CircuitOpenError) as rejected:
        await breaker.call(succeed)
    assert rejected.value.retry_after == 0.5
    clock.now += 0.5
    assert await breaker.call(succeed) == "answer"


@pytest.mark.rule("RES015")
async def test_it_opens_at_the_failure_rate_not_at_a_run_of_failures(breaker: CircuitBreaker) -> None:
    """Two failures of three, with a success between them for ever, open it."""
    await failures(breaker, 2)
    await breaker.call(succeed)
    assert state_of(breaker) is State.CLOSED
    await failures(breaker, 1)
    assert state_of(breaker) is State.OPEN


@pytest.mark.rule("RES015")
async def test_it_opens_at_exactly_the_rate_and_not_below(breaker: CircuitBreaker) -> None:
    """Half of the calls is enough at a rate of one half, less is not."""
    for _ in range(3):
        await breaker.call(succeed)
    await failures(breaker, 2)
    assert state_of(breaker) is State.CLOSED
    await failures(breaker, 1)
    assert state_of(breaker) is State.OPEN


@pytest.mark.rule("RES015")
async def test_too_few_calls_say_nothing(breaker: CircuitBreaker) -> None:
    """Below `min_calls` even a full run of failures does not open it."""
    await failures(breaker, 3)
    assert state_of(breaker) is State.CLOSED


@pytest.mark.rule("RES015")
async def test_failures_older_than_the_window_do_not_count(breaker: CircuitBreaker, clock: Clock) -> None:
    """Three old failures and a new one are one failure."""
    await failures(breaker, 3)
    clock.now += 30
    await failures(breaker, 1)
    assert state_of(breaker) is State.CLOSED
    await failures(breaker, 3)
    assert state_of(breaker) is State.OPEN


@pytest.mark.rule("RES015")
async def test_failures_younger_than_the_window_count(breaker: CircuitBreaker, clock: Clock) -> None:
    """Three failures that are almost as old as the window still count."""
    await failures(breaker, 3)
    clock.now += 29.9
    await failures(breaker, 1)
    assert state_of(breaker) is State.OPEN


@pytest.mark.rule("RES024")
async def test_business_errors_do_not_count(breaker: CircuitBreaker) -> None:
    """A refusal shows that the service works."""
    await failures(breaker, 50, PermanentError("unknown symbol"))
    assert state_of(breaker) is State.CLOSED


@pytest.mark.rule("RES024")
async def test_a_business_error_counts_as_an_answer(breaker: CircuitBreaker) -> None:
    """Refusals are calls that went well: they hold the rate down."""
    await failures(breaker, 4, PermanentError("unknown symbol"))
    await failures(breaker, 3)
    assert state_of(breaker) is State.CLOSED


@pytest.mark.rule("RES024")
async def test_what_counts_as_failure_can_be_chosen(clock: Clock) -> None:
    """The predicate decides, whatever the class of the error."""
    breaker = CircuitBreaker("x", min_calls=1, is_failure=lambda error: isinstance(error, KeyError), clock=clock)
    await failures(breaker, 1, TransientError("down"))
    assert state_of(breaker) is State.CLOSED
    await failures(breaker, 1, KeyError("down"))
    assert state_of(breaker) is State.OPEN


@pytest.mark.rule("RES024")
async def test_timeouts_inside_the_breaker_count(breaker: CircuitBreaker) -> None:
    """A service that never answers opens it."""

    async def hang() -> None:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    for _ in range(4):
        with pytest.raises(TimeoutError):
            await breaker.call(hang)
    assert state_of(breaker) is State.OPEN


@pytest.mark.rule("RES014")
async def test_a_timeout_around_the_breaker_is_neutral(breaker: CircuitBreaker) -> None:
    """A caller that gives up early says nothing about the service."""
    for _ in range(50):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await breaker.call(asyncio.Event().wait)
    assert state_of(breaker) is State.CLOSED


@pytest.mark.rule("RES013")
@pytest.mark.parametrize("probes", [1, 3])
async def test_half_open_admits_the_set_number_of_trials(clock: Clock, probes: int) -> None:
    """Of a hundred callers at the end of the window exactly `max_probes` reach the service."""
    breaker = CircuitBreaker("x", min_calls=4, open_seconds=10, max_probes=probes, clock=clock)
    await failures(breaker, 4)
    clock.now += 10
    called = 0
    release = asyncio.Event()

    async def probe() -> None:
        nonlocal called
        called += 1
        await release.wait()

    tasks = [asyncio.ensure_future(breaker.call(probe)) for _ in range(100)]
    await asyncio.sleep(0)
    assert (called, breaker.state) == (probes, State.HALF_OPEN)
    release.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    rejected = [result for result in results if isinstance(result, CircuitOpenError)]
    assert (len(rejected), {error.retry_after for error in rejected}) == (100 - probes, {10.0})
    assert {str(error) for error in rejected} == {"circuit x is open for another 10.0 s"}
    assert state_of(breaker) is State.CLOSED


@pytest.mark.rule("RES013")
async def test_all_trials_must_succeed_to_close(clock: Clock) -> None:
    """Two of three good trials leave it half-open, the third closes it."""
    breaker = CircuitBreaker("x", min_calls=4, open_seconds=10, max_probes=3, clock=clock)
    await failures(breaker, 4)
    clock.now += 10
    states = []
    for _ in range(3):
        await breaker.call(succeed)
        states.append(breaker.state)
    assert states == [State.HALF_OPEN, State.HALF_OPEN, State.CLOSED]


@pytest.mark.rule("RES018")
async def test_one_failed_trial_opens_it_for_a_whole_window(breaker: CircuitBreaker, clock: Clock) -> None:
    """After a failed trial the full waiting time runs again, and no more than that, however many have failed."""
    await failures(breaker, 4)
    clock.now += 12
    for _ in range(5):
        await failures(breaker, 1)
        assert state_of(breaker) is State.OPEN
        clock.now += 9.9
        with pytest.raises(CircuitOpenError):
            await breaker.call(succeed)
        clock.now += 0.1
    assert await breaker.call(succeed) == "answer"


@pytest.mark.rule("RES018")
async def test_it_closes_by_itself_and_forgets_the_outage(
    breaker: CircuitBreaker, clock: Clock, changes: list[State]
) -> None:
    """After a good trial the old failures no longer count, and every change was reported."""
    await failures(breaker, 4)
    clock.now += 10
    await breaker.call(succeed)
    await failures(breaker, 3)
    assert state_of(breaker) is State.CLOSED
    assert changes == [State.OPEN, State.HALF_OPEN, State.CLOSED]


@pytest.mark.rule("RES014", "RES018")
async def test_a_cancelled_trial_gives_its_place_to_another(breaker: CircuitBreaker, clock: Clock) -> None:
    """Cancelling is neutral: still half-open, and the next caller is the trial."""
    await failures(breaker, 4)
    clock.now += 10
    trial = await hold(breaker)
    with pytest.raises(CircuitOpenError):
        await breaker.call(succeed)
    await trial.cancel()
    assert state_of(breaker) is State.HALF_OPEN
    await breaker.call(succeed)
    assert state_of(breaker) is State.CLOSED


@pytest.mark.rule("RES013", "RES014")
async def test_one_cancelled_trial_frees_one_place(clock: Clock) -> None:
    """Of two trials one is cancelled: one more caller is let through, not two."""
    breaker = CircuitBreaker("x", min_calls=4, open_seconds=10, max_probes=2, clock=clock)
    await failures(breaker, 4)
    clock.now += 10
    first, second = await hold(breaker), await hold(breaker)
    await first.cancel()
    third = await hold(breaker)
    with pytest.raises(CircuitOpenError):
        await breaker.call(succeed)
    await second.succeed()
    await third.succeed()
    assert state_of(breaker) is State.CLOSED


@pytest.mark.rule("RES014")
@pytest.mark.parametrize("late", ["succeed", "fail", "cancel"])
async def test_a_call_from_an_earlier_round_is_as_stale_as_one_from_the_first(
    breaker: CircuitBreaker, clock: Clock, late: str
) -> None:
    """The second outage tells its own trial from a call that began before it, however that ends."""
    await failures(breaker, 4)
    clock.now += 10
    await breaker.call(succeed)
    slow = await hold(breaker)
    await failures(breaker, 4)
    clock.now += 10
    trial = await hold(breaker)
    await getattr(slow, late)()
    assert state_of(breaker) is State.HALF_OPEN
    await trial.succeed()
    assert state_of(breaker) is State.CLOSED


@pytest.mark.rule("RES014")
async def test_a_success_from_before_the_opening_is_inert(breaker: CircuitBreaker) -> None:
    """A slow call that began before the outage must not close the circuit."""
    slow = await hold(breaker)
    await failures(breaker, 4)
    await slow.succeed()
    assert state_of(breaker) is State.OPEN


@pytest.mark.rule("RES014")
async def test_a_success_from_before_the_opening_does_not_pass_for_a_trial(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    """Only the trial itself closes the circuit."""
    slow = await hold(breaker)
    await failures(breaker, 4)
    clock.now += 10
    trial = await hold(breaker)
    await slow.succeed()
    assert state_of(breaker) is State.HALF_OPEN
    await trial.succeed()
    assert state_of(breaker) is State.CLOSED


@pytest.mark.rule("RES014")
async def test_a_failure_from_before_the_opening_does_not_extend_the_window(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    """Calls that fail late do not keep a recovered service shut out."""
    slow = [await hold(breaker) for _ in range(5)]
    await failures(breaker, 4)
    clock.now += 9
    for call in slow:
        await call.fail()
    clock.now += 1
    assert await breaker.call(succeed) == "answer"
    assert state_of(breaker) is State.CLOSED


@pytest.mark.rule("RES014")
async def test_a_cancelled_call_from_before_the_opening_frees_no_trial(breaker: CircuitBreaker, clock: Clock) -> None:
    """It held no trial, so it has none to give back."""
    slow = await hold(breaker)
    await failures(breaker, 4)
    clock.now += 10
    trial = await hold(breaker)
    await slow.cancel()
    with pytest.raises(CircuitOpenError):
        await breaker.call(succeed)
    await trial.succeed()


@pytest.mark.rule("RES016")
async def test_the_wall_clock_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the clock is a monotonic one: a jump of a day opens, closes and forgets nothing."""
    monotonic = [0.0]
    monkeypatch.setattr("time.time", lambda: 1e9)
    for name in ("monotonic", "perf_counter"):
        monkeypatch.setattr(f"time.{name}", lambda: monotonic[0])
    fresh = importlib.util.spec_from_file_location("fresh_breaker", module.__file__)
    assert fresh is not None
    assert fresh.loader is not None
    loaded = importlib.util.module_from_spec(fresh)
    fresh.loader.exec_module(loaded)
    breaker = loaded.CircuitBreaker("x", min_calls=2, window_seconds=30, open_seconds=10)
    await failures(breaker, 1)
    monotonic[0] += 31
    await failures(breaker, 1)
    assert breaker.state == "closed"
    monkeypatch.setattr("time.time", lambda: 1e9 + 86400)
    await failures(breaker, 1)
    assert breaker.state == "open"
    monkeypatch.setattr("time.time", lambda: 1e9 + 2 * 86400)
    with pytest.raises(loaded.CircuitOpenError):
        await breaker.call(succeed)
    monotonic[0] += 10
    monkeypatch.setattr("time.time", lambda: 1e9 - 86400)
    assert await breaker.call(succeed) == "answer"


@pytest.mark.rule("RUN003")
async def test_only_the_newest_calls_are_remembered(clock: Clock) -> None:
    """However many calls a window sees, memory is bounded: old successes make room for new failures."""
    breaker = CircuitBreaker("x", min_calls=10, window_calls=20, clock=clock)
    for _ in range(1000):
        await breaker.call(succeed)
    await failures(breaker, 9)
    assert state_of(breaker) is State.CLOSED
    await failures(breaker, 1)
    assert state_of(breaker) is State.OPEN


@pytest.mark.parametrize(
    "wrong",
    [
        {"failure_rate": 0},
        {"failure_rate": 1.1},
        {"min_calls": 0},
        {"min_calls": 11, "window_calls": 10},
        {"max_probes": 0},
    ],
)
def test_settings_that_could_never_work_are_refused(wrong: dict[str, float]) -> None:
    """A breaker that would never open, or never close, is not built."""
    with pytest.raises(
        ValueError, match=r"^need 0 < failure_rate <= 1 <= min_calls <= window_calls and max_probes >= 1$"
    ):
        CircuitBreaker("x", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "right", [{"failure_rate": 1}, {"min_calls": 1}, {"min_calls": 5, "window_calls": 5}, {"max_probes": 1}]
)
def test_settings_at_the_limit_are_taken(right: dict[str, float]) -> None:
    """The strictest and the most lenient breaker are still breakers."""
    assert CircuitBreaker("x", **right).state is State.CLOSED  # type: ignore[arg-type]


async def test_the_defaults_of_when_to_open(clock: Clock) -> None:
    """Ten calls in less than thirty seconds, half of them failed."""
    breaker = CircuitBreaker("x", clock=clock)
    await failures(breaker, 9)
    clock.now += 30
    await failures(breaker, 9)
    assert state_of(breaker) is State.CLOSED
    await failures(breaker, 1)
    assert state_of(breaker) is State.OPEN


async def test_the_defaults_of_how_to_come_back(clock: Clock) -> None:
    """After ten seconds, with one trial."""
    breaker = CircuitBreaker("x", clock=clock)
    await failures(breaker, 10)
    with pytest.raises(CircuitOpenError) as rejected:
        await breaker.call(succeed)
    assert rejected.value.retry_after == 10.0
    clock.now += 10
    trial = await hold(breaker)
    with pytest.raises(CircuitOpenError):
        await breaker.call(succeed)
    await trial.succeed()
    assert state_of(breaker) is State.CLOSED


async def test_the_default_memory_is_a_thousand_calls(clock: Clock) -> None:
    """Half of the newest thousand calls: the five-hundredth failure opens it."""
    breaker = CircuitBreaker("x", clock=clock)
    for _ in range(2000):
        await breaker.call(succeed)
    await failures(breaker, 499)
    assert state_of(breaker) is State.CLOSED
    await failures(breaker, 1)
    assert state_of(breaker) is State.OPEN


async def test_changes_are_logged(breaker: CircuitBreaker, caplog: pytest.LogCaptureFixture) -> None:
    """An operator sees when a circuit opened."""
    await failures(breaker, 4)
    assert caplog.messages == ["circuit exchange: closed -> open"]
