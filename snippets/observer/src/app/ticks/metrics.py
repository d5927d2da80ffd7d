"""What is measured of ticks, beside what every service measures."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from app.ticks.lag import Lag


# --8<-- [start:define]
class TickMetrics:
    """The collector's progress and what it misses, in the registry of the app (App document 6.5)."""

    def __init__(self, registry: CollectorRegistry, lag: Lag) -> None:
        # Symbols are no labels, there is no end to them.
        self.ticks = Counter("ticks_stored_total", "Ticks stored by this process.", registry=registry)
        self.missed = Counter("ticks_missed_total", "Ticks that the source no longer held.", registry=registry)
        self.writer = Gauge("stream_writer", "1 while this process is the one that writes.", registry=registry)
        # Asked when they are scraped: a lag that was set with the last tick would stand still in an outage.
        seconds = Gauge("stream_lag_seconds", "What is stored is so old, by the source's clock.", registry=registry)
        seconds.set_function(lambda: lag.seconds)
        ticks = Gauge("stream_lag_ticks", "Ticks that the source has and that are not stored.", registry=registry)
        ticks.set_function(lambda: lag.ticks)


# --8<-- [end:define]
