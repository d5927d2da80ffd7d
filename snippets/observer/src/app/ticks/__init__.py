"""Ticks: taken from the source's stream in order, each one once, whatever ends the process (App document 7.3).

The source numbers the ticks of a stream without a gap. A row of `positions` says how far the stream is stored, and the
statement that moves it writes the newest values too: both are there or neither. So there is one way to go on, after
a restart, a crash, a lost connection and an answer of the database that never came: read the position, ask for the
tick after it.

- `messages` reads what the source says, `source` opens the stream and gathers its ticks into bounded batches.
- `batch` is such a step, from one position to the next, summed by symbol.
- `store` holds every statement. A step from a position that is no longer the stored one changes nothing.
- `collector` waits until it is the one process that writes, follows the stream, and stores step by step.
- `lag` knows how far what is stored is behind the source, `metrics` exports it.
- `latest` answers `GET /latest/{symbol}` and `GET /gaps`.
- `system` puts them together for `main`: `start`, `work` and `close`, the checks of readiness and the self-check.

What the source no longer holds is a row of `gaps`. Every number up to the position is counted or in a gap.
"""

from app.ticks.system import TickSystem

__all__ = ["TickSystem"]
