"""The statements of the store. Each is one transaction: the position and what lies before it, or neither."""

from __future__ import annotations

# --8<-- [start:take]
# One process writes a stream and renews its lease; others wait until that is over or given back. It saves work and
# decides nothing: what keeps ticks from being counted twice is the position in STEP. A lease that ends further away
# than any can is one of a clock that was set back since.
TAKE = """
INSERT INTO positions AS held (stream, owner, lease_until)
VALUES ($1, $2, now() + make_interval(secs => $3))
ON CONFLICT (stream) DO UPDATE SET owner = excluded.owner, lease_until = excluded.lease_until
WHERE held.owner = excluded.owner OR held.lease_until <= now() OR held.lease_until > now() + interval '5 minutes'
RETURNING seq, newest, at
"""
# --8<-- [end:take]

RELEASE = "UPDATE positions SET lease_until = now() WHERE stream = $1 AND owner = $2"

POSITION = "SELECT seq, newest, at FROM positions WHERE stream = $1"

# --8<-- [start:step]
# The position is the fence: of two writers, or of one that heard no answer and tries again, only the step that begins
# where the stored ones end changes anything. The second waits for the row, sees that it moved, and finds nothing to do.
STEP = """
WITH moved AS (
    UPDATE positions
    SET seq = $4, newest = greatest(newest, $5), at = $6
    WHERE stream = $1 AND owner = $2 AND seq = $3
    RETURNING stream
), told AS (
    INSERT INTO latest AS known (stream, symbol, seq, price, quantity, at, ticks, volume)
    SELECT moved.stream, change.*
    FROM moved, unnest($7::text[], $8::bigint[], $9::numeric[], $10::numeric[], $11::timestamptz[],
                       $12::bigint[], $13::numeric[]) AS change
    ON CONFLICT (stream, symbol) DO UPDATE
    SET seq = excluded.seq, price = excluded.price, quantity = excluded.quantity, at = excluded.at,
        ticks = known.ticks + excluded.ticks, volume = known.volume + excluded.volume
)
SELECT true FROM moved
"""
# --8<-- [end:step]

# --8<-- [start:skip]
# What can no longer be had is written down where the position passes it.
SKIP = """
WITH moved AS (
    UPDATE positions SET seq = $4, newest = greatest(newest, $4)
    WHERE stream = $1 AND owner = $2 AND seq = $3
    RETURNING stream
), noted AS (
    INSERT INTO gaps (stream, first, last) SELECT stream, $3 + 1, $4 FROM moved
)
SELECT true FROM moved
"""
# --8<-- [end:skip]

LATEST = "SELECT symbol, seq, price, quantity, at, ticks, volume FROM latest WHERE stream = $1 AND symbol = $2"

GAPS = """
SELECT first, last, found_at FROM gaps WHERE stream = $1 AND first > $2 ORDER BY first LIMIT $3
"""

# Every number up to the position is counted or in a gap.
BOOKS = """
SELECT seq,
       (SELECT coalesce(sum(ticks), 0) FROM latest WHERE latest.stream = positions.stream)::bigint AS counted,
       (SELECT coalesce(sum(last - first + 1), 0) FROM gaps WHERE gaps.stream = positions.stream)::bigint AS missed
FROM positions WHERE stream = $1
"""

PING = "SELECT current_setting('transaction_read_only')"
