"""An order may be taken over when it has been seen unchanged for a whole lease, and not before."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.orders.lease import Watch

ONE, OTHER = UUID(int=1), UUID(int=2)


class Clock:
    """Stands still until it is told otherwise."""

    now = 100.0

    def __call__(self) -> float:
        """Seconds of no particular beginning."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock of this test."""
    return Clock()


@pytest.mark.rule("TRD010")
@pytest.mark.parametrize(("seconds", "overdue"), [(2.9, []), (3.0, [(ONE, 1)]), (9.0, [(ONE, 1)])])
def test_a_lease_has_to_pass_whole(clock: Clock, seconds: float, overdue: list[tuple[UUID, int]]) -> None:
    """From the moment that it was seen first, however often it is looked at meanwhile."""
    watch = Watch(3.0, clock)
    assert watch.overdue([(ONE, 1)]) == []
    clock.now += 1
    watch.overdue([(ONE, 1)])
    clock.now += seconds - 1
    assert watch.overdue([(ONE, 1)]) == overdue


@pytest.mark.rule("TRD010")
def test_a_change_begins_a_lease_anew(clock: Clock) -> None:
    """Another version is another holder, or another try of the same; what is gone and comes back is new, too."""
    watch = Watch(3.0, clock)
    watch.overdue([(ONE, 1), (OTHER, 1)])
    clock.now += 2
    watch.overdue([(ONE, 2)])
    clock.now += 2
    assert watch.overdue([(ONE, 2), (OTHER, 1)]) == []


def test_without_another_clock_it_reads_one_that_nobody_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The monotonic one: of the wall clock it asks nothing."""
    monkeypatch.setattr("time.time", lambda: pytest.fail("the wall clock was asked"))
    assert Watch(0.0).overdue([(ONE, 1)]) == [(ONE, 1)]
