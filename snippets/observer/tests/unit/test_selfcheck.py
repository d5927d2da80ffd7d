"""The periodic look at the app's own state."""

import asyncio
import logging
import os

import pytest

from app.shared import selfcheck as module
from app.shared.selfcheck import Check, descriptors_left, open_descriptors, selfcheck


class Watch:
    """A self-check whose rounds are counted, and whose results are kept."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, rounds: int) -> None:
        self.rounds = rounds
        self.results: list[tuple[str, bool]] = []
        self.pauses: list[float] = []
        self.draining = asyncio.Event()
        monkeypatch.setattr(module, "pause", self.pause)

    async def pause(self, draining: asyncio.Event, seconds: float) -> None:
        """A round is over; the drain starts after the last."""
        assert draining is self.draining
        self.pauses.append(seconds)
        if len(self.pauses) == self.rounds:
            self.draining.set()

    async def run(self, **checks: Check) -> None:
        """Run until the rounds are over."""
        async with asyncio.timeout(5):
            await selfcheck(
                checks,
                self.draining,
                interval_seconds=30.0,
                timeout_seconds=0.05,
                on_result=lambda name, ok: self.results.append((name, ok)),
            )


async def fine() -> str | None:
    """Nothing is wrong."""
    return None


async def wrong() -> str | None:
    """Something is wrong."""
    return "3 orders are claimed by nobody"


async def broken() -> str | None:
    """The check itself fails."""
    raise ConnectionResetError


async def hangs() -> str | None:
    """The check never ends."""
    await asyncio.Event().wait()
    return None


@pytest.mark.rule("RUN005", "MET005")
async def test_every_check_runs_every_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rounds of two checks are six results, with a pause after each round."""
    watch = Watch(monkeypatch, rounds=3)
    await watch.run(orders=fine, descriptors=wrong)
    assert watch.results == [("orders", True), ("descriptors", False)] * 3
    assert watch.pauses == [30.0] * 3


@pytest.mark.rule("RUN005")
async def test_a_problem_is_logged_with_its_check(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is wrong stands in the log; what is fine does not."""
    await Watch(monkeypatch, rounds=1).run(fine=fine, orders=wrong)
    [record] = caplog.records
    assert (record.levelno >= logging.WARNING, record.message) == (
        True,
        "self-check orders: 3 orders are claimed by nobody",
    )


@pytest.mark.rule("RUN005", "TRD001")
@pytest.mark.parametrize(("check", "kind"), [(broken, "ConnectionResetError"), (hangs, "TimeoutError")])
async def test_a_check_that_cannot_judge_has_failed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, check: Check, kind: str
) -> None:
    """It ends neither the loop nor the checks after it."""
    watch = Watch(monkeypatch, rounds=2)
    await watch.run(first=check, second=fine)
    assert watch.results == [("first", False), ("second", True)] * 2
    assert caplog.messages == [f"self-check first: could not be judged: {kind}"] * 2


@pytest.mark.rule("SHD008")
async def test_it_stops_when_the_drain_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is going away checks nothing more."""
    watch = Watch(monkeypatch, rounds=1)
    watch.draining.set()
    await watch.run(orders=fine)
    assert (watch.results, watch.pauses) == ([], [])


@pytest.mark.rule("MET003", "RUN004")
def test_open_descriptors_are_counted() -> None:
    """Five more files are five more descriptors, and closing them gives them back."""
    before, allowed = open_descriptors()
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(5)]
    during, _ = open_descriptors()
    for file in files:
        os.close(file)
    after, _ = open_descriptors()
    assert (during - before, after - before) == (5, 0)
    assert during < allowed


@pytest.mark.rule("RUN004", "RUN005")
@pytest.mark.parametrize(
    ("used", "problem"),
    [(79, None), (80, "80 of 100 file descriptors are open"), (100, "100 of 100 file descriptors are open")],
)
async def test_running_out_of_descriptors_is_seen_before_it_happens(
    monkeypatch: pytest.MonkeyPatch, used: int, problem: str | None
) -> None:
    """Four fifths of what is allowed are too many."""
    monkeypatch.setattr(module, "open_descriptors", lambda: (used, 100))
    assert await descriptors_left() == problem
