"""The wait between tries, and the loop that keeps a connection alive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.shared import backoff
from app.shared.backoff import full_jitter, pause, reconnect


def longest(_: float, high: float) -> float:
    """The jitter at its upper end."""
    return high


@pytest.mark.rule("RES010", "RUN001")
def test_the_longest_wait_doubles_up_to_the_cap() -> None:
    """0.1 s, 0.2 s, 0.4 s ... and never more than the cap."""
    waits = [full_jitter(attempt, 0.1, 1.0, longest) for attempt in range(1, 7)]
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_the_jitter_begins_at_zero() -> None:
    """Full jitter spreads over the whole wait, not over a part of it."""
    assert full_jitter(5, 0.1, 10.0, lambda low, _: low) == 0.0


@pytest.mark.rule("RES010", "RUN001")
def test_clients_that_failed_together_do_not_come_back_together() -> None:
    """A thousand waits after the same failure are a thousand different ones, and spread wide."""
    waits = [full_jitter(4, 0.1, 10.0) for _ in range(1000)]
    assert len(set(waits)) == 1000
    assert 0.7 < max(waits) < 0.8
    assert min(waits) < max(waits) / 1.5


@settings(deadline=None)
@given(attempt=st.integers(1, 10_000), base=st.floats(0.001, 10), cap=st.floats(0.001, 600))
def test_no_wait_is_out_of_bounds(attempt: int, base: float, cap: float) -> None:
    """After ten thousand failures the wait is still a number between nothing and the cap."""
    assert 0.0 <= full_jitter(attempt, base, cap) <= cap


async def test_a_pause_ends_with_the_drain() -> None:
    """A loop that waits an hour for its next try still stops when the drain starts."""
    draining = asyncio.Event()
    task = asyncio.ensure_future(pause(draining, 3600))
    await asyncio.sleep(0)
    assert not task.done()
    draining.set()
    async with asyncio.timeout(5):
        await task


async def test_a_pause_ends_by_itself() -> None:
    """Without a drain the time decides."""
    async with asyncio.timeout(5):
        await pause(asyncio.Event(), 0.001)


class LibraryError(Exception):
    """What a client of Redis or of a web socket raises: no error of the operating system."""


class Peer:
    """A service to connect to: a script of how each connection goes, and a record of what the loop did."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *script: str) -> None:
        self.script = list(script)
        self.states: list[tuple[str, bool]] = []
        self.failures: list[tuple[int, float, float]] = []
        self.pauses: list[float] = []
        self.step = ""
        self.released = 0
        self.now = 0.0
        self.draining = asyncio.Event()
        monkeypatch.setattr(backoff, "full_jitter", self.jitter)
        monkeypatch.setattr(backoff, "pause", self.pause)

    def jitter(self, attempt: int, base: float, cap: float) -> float:
        """Record the number of failures that the wait is made from."""
        self.failures.append((attempt, base, cap))
        return attempt / 10

    async def pause(self, draining: asyncio.Event, seconds: float) -> None:
        """Record the wait instead of waiting; the drain starts when the script is over."""
        assert draining is self.draining
        self.pauses.append(seconds)
        if not self.script:
            self.draining.set()

    def connect(self) -> AbstractAsyncContextManager[str]:
        """Connect as the script says."""

        @asynccontextmanager
        async def connection() -> AsyncIterator[str]:
            self.step = self.script.pop(0)
            if self.step == "refused":
                raise ConnectionRefusedError
            if self.step == "garbled":
                raise LibraryError
            if self.step == "hangs":
                await asyncio.Event().wait()
            try:
                yield self.step
            finally:
                await asyncio.sleep(0.01)  # a goodbye over the network
                self.released += 1

        return connection()

    async def use(self, connection: str) -> None:
        """Use the connection until it breaks."""
        assert connection == self.step
        if connection == "stays":
            await asyncio.Event().wait()
        if connection == "stable":
            self.now += 10.0
        if connection == "flaps":
            self.now += 9.9
        if connection != "ends":
            raise ConnectionResetError

    async def until_begun(self, step: str) -> None:
        """Wait for a step of the script."""
        async with asyncio.timeout(5):
            while self.step != step:  # noqa: ASYNC110  the loop that is tested announces nothing
                await asyncio.sleep(0)

    async def run(self) -> None:
        """Run the loop until the drain."""
        async with asyncio.timeout(5):
            await reconnect(
                "exchange",
                self.connect,
                self.use,
                self.draining,
                on_state=lambda name, up: self.states.append((name, up)),
                clock=lambda: self.now,
            )


@pytest.mark.rule("RUN001", "TRD001", "TRD002")
async def test_it_connects_again_after_refusals_and_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each failure in a row, of whatever kind, makes the next wait longer, and each wait is taken."""
    peer = Peer(monkeypatch, "refused", "garbled", "flaps", "ends", *["refused"] * 100)
    await peer.run()
    assert [attempt for attempt, _, _ in peer.failures] == list(range(1, 105))
    assert peer.pauses == [attempt / 10 for attempt in range(1, 105)]
    assert {(base, cap) for _, base, cap in peer.failures} == {(0.2, 30.0)}


@pytest.mark.rule("RUN001")
async def test_a_stable_connection_resets_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a connection that lasted, the first try comes soon again; a refusal after it counts anew."""
    peer = Peer(monkeypatch, "refused", "refused", "stable", "refused")
    await peer.run()
    assert [failures for failures, _, _ in peer.failures] == [1, 2, 1, 2]


@pytest.mark.rule("RUN002")
async def test_every_change_of_the_connection_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readiness and metrics hear of each connection and of each loss."""
    peer = Peer(monkeypatch, "refused", "flaps", "ends")
    await peer.run()
    assert peer.states == [("exchange", up) for up in (False, True, False, True, False)]


@pytest.mark.rule("RUN004")
async def test_every_connection_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that broke is closed before the next one is opened."""
    peer = Peer(monkeypatch, "flaps", "ends", "refused", "stable")
    await peer.run()
    assert peer.released == 3


@pytest.mark.rule("SHD008")
@pytest.mark.parametrize(("step", "released"), [("stays", 1), ("hangs", 0)])
async def test_the_drain_ends_a_running_connection(monkeypatch: pytest.MonkeyPatch, step: str, released: int) -> None:
    """Whether it is in use or still being made, it is cancelled, released, and not made again."""
    peer = Peer(monkeypatch, step, "refused")
    task = asyncio.ensure_future(peer.run())
    await peer.until_begun(step)
    peer.draining.set()
    await task
    assert (peer.released, peer.states[-1], peer.script, peer.pauses) == (
        released,
        ("exchange", False),
        ["refused"],
        [],
    )


@pytest.mark.rule("SHD008")
async def test_nothing_connects_once_the_drain_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that starts late does not start at all."""
    peer = Peer(monkeypatch, "refused")
    peer.draining.set()
    await peer.run()
    assert peer.script == ["refused"]


async def test_cancelling_the_loop_cancels_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """No task is left behind when the loop itself is cancelled."""
    peer = Peer(monkeypatch, "stays")
    before = asyncio.all_tasks()
    task = asyncio.ensure_future(peer.run())
    await peer.until_begun("stays")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (peer.released, asyncio.all_tasks()) == (1, before)


async def test_a_broken_callback_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of our own ends the loop, so that the process can end with it."""
    peer = Peer(monkeypatch, "refused")

    def broken(name: str, up: bool) -> None:
        raise RuntimeError("metrics")

    with pytest.raises(RuntimeError, match="metrics"):
        await reconnect("exchange", peer.connect, peer.use, peer.draining, on_state=broken)


async def test_a_loss_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The log names the connection and the kind of the error."""
    await Peer(monkeypatch, "refused").run()
    assert caplog.messages == ["connection exchange lost: ConnectionRefusedError"]
