"""The lag: by the source's clock, also while the source says nothing."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from app.ticks.lag import Lag, Position

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """Shows what it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The moment, in seconds."""
        return self.now


def after(seconds: float) -> datetime:
    """A moment of the source's clock."""
    return START + timedelta(seconds=seconds)


def a_lag(clock: Clock, wall: float = START.timestamp()) -> Lag:
    """A lag of a machine whose own clock shows this."""
    return Lag(clock, lambda: wall)


@pytest.mark.rule("MET004")
def test_before_anything_is_stored_the_lag_is_no_number() -> None:
    """A zero would say that all is well."""
    lag = a_lag(Clock())
    assert math.isnan(lag.seconds)
    assert lag.ticks == 0


@pytest.mark.rule("MET004")
def test_it_is_what_the_sources_clock_shows_beyond_what_is_stored() -> None:
    """This machine's own clock, an hour ahead, plays no part."""
    lag = a_lag(Clock(), after(3600).timestamp())
    lag.told(after(10))
    lag.stored(Position(5, 8, after(7)))
    assert (lag.seconds, lag.ticks) == (3.0, 3)


@pytest.mark.rule("MET004")
def test_it_grows_while_the_source_is_silent() -> None:
    """An outage is seen in it."""
    clock = Clock()
    lag = a_lag(clock)
    lag.told(after(0))
    lag.stored(Position(5, 5, after(0)))
    clock.now += 60
    assert lag.seconds == 60.0


@pytest.mark.rule("MET004")
def test_a_message_that_waited_does_not_set_the_sources_clock_back() -> None:
    """A heartbeat that was read late is older than what is known."""
    clock = Clock()
    lag = a_lag(clock)
    lag.told(after(0))
    lag.stored(Position(5, 5, after(0)))
    clock.now += 10
    lag.heard(after(4))
    assert lag.seconds == 10.0


def test_a_new_connection_takes_the_sources_clock_as_it_is_now() -> None:
    """It may have been set back."""
    lag = a_lag(Clock())
    lag.told(after(100))
    lag.told(after(50))
    lag.stored(Position(1, 1, after(50)))
    assert lag.seconds == 0.0


def test_until_the_source_has_told_its_time_this_machines_clock_stands_in() -> None:
    """A process that waits to take over shows how old the stored state is, too."""
    lag = a_lag(Clock(), after(30).timestamp())
    lag.stored(Position(5, 5, after(0)))
    assert lag.seconds == 30.0
