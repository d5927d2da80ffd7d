"""The statements of the store. Each is one transaction: a change and its line of the audit trail, or neither."""

from __future__ import annotations

ADD = """
WITH added AS (
    INSERT INTO orders (id, idempotency_key, symbol, side, quantity, price, status)
    VALUES ($1, $2, $3, $4, $5, $6, 'accepted')
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING *
), audit AS (
    INSERT INTO order_events (order_id, seq, event, status)
    SELECT id, version, 'accepted', status FROM added
)
SELECT * FROM added
"""

# --8<-- [start:claim]
# SKIP LOCKED: workers that claim at the same time get different orders, and none waits for another.
# An accepted order is due when it waited long enough; a time further away than any wait is a clock that was set back.
# One that is being sent is due when this worker has seen it unchanged for a whole lease ($4, $5): the version is the
# fence, so that of two workers which saw the same only one gets it. No clock but the worker's own decides that.
CLAIM = """
WITH due AS (
    SELECT id, status AS was FROM orders
    WHERE status = 'accepted' AND (lease_until <= now() OR lease_until > now() + interval '1 minute')
        OR status = 'sending' AND (id, version) IN (SELECT * FROM unnest($4::uuid[], $5::integer[]))
    ORDER BY lease_until
    LIMIT $3
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE orders
    SET status = 'sending', lease_owner = $1, lease_until = now() + make_interval(secs => $2),
        attempts = attempts + 1, version = version + 1, updated_at = now()
    FROM due WHERE orders.id = due.id
    RETURNING orders.*, due.was
), audit AS (
    INSERT INTO order_events (order_id, seq, event, status, data)
    SELECT id, version, CASE was WHEN 'sending' THEN 'recovered' ELSE 'claimed' END, status,
           jsonb_build_object('owner', lease_owner)
    FROM claimed
)
SELECT * FROM claimed
"""
# --8<-- [end:claim]

# --8<-- [start:settle]
# The owner is the fence: a worker that was away for longer than its lease changes nothing when it comes back.
SETTLE = """
WITH settled AS (
    UPDATE orders
    SET status = $4, exchange_id = coalesce($5, exchange_id), reason = $6,
        lease_until = CASE WHEN $7::float8 IS NULL THEN lease_until ELSE now() + make_interval(secs => $7) END,
        lease_owner = CASE WHEN $4 = 'sending' THEN lease_owner END,
        version = version + 1, updated_at = now()
    WHERE id = $1 AND lease_owner = $2 AND status = 'sending'
    RETURNING *
)
INSERT INTO order_events (order_id, seq, event, status, data)
SELECT id, version, $3, status, jsonb_strip_nulls(jsonb_build_object('exchange_id', $5::text, 'reason', $6::text))
FROM settled
RETURNING seq
"""
# --8<-- [end:settle]

# A fill is a fact, even one that should not be: it is counted, and the self-check tells of it.
FILL = """
WITH fill AS (
    INSERT INTO fills (exchange_seq, order_id, symbol, quantity, price)
    SELECT $1, id, symbol, CASE side WHEN 'buy' THEN $3::numeric ELSE -$3::numeric END, $4
    FROM orders WHERE id = $2
    ON CONFLICT (exchange_seq) DO NOTHING
    RETURNING *
), changed AS (
    UPDATE orders
    SET filled = filled + $3, status = CASE WHEN filled + $3 >= orders.quantity THEN 'filled' ELSE 'placed' END,
        exchange_id = $5, lease_owner = NULL, version = version + 1, updated_at = now()
    FROM fill WHERE orders.id = fill.order_id
    RETURNING orders.*
), audit AS (
    INSERT INTO order_events (order_id, seq, event, status, data)
    SELECT id, version, 'fill', status, jsonb_build_object('exchange_seq', $1::bigint, 'quantity', $3::text)
    FROM changed
), moved AS (
    INSERT INTO positions (symbol, quantity) SELECT symbol, quantity FROM fill
    ON CONFLICT (symbol) DO UPDATE SET quantity = positions.quantity + excluded.quantity
)
SELECT * FROM changed
"""

SENDING = "SELECT id, version FROM orders WHERE status = 'sending' ORDER BY lease_until LIMIT 1000"

EVENTS = """
SELECT seq, event, status, data, at FROM order_events WHERE order_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
"""

TRAIL = """
SELECT order_id, seq, event, status, data, at FROM order_events
WHERE (order_id, seq) > ($1, $2) ORDER BY order_id, seq LIMIT $3
"""

# A standby that was not promoted answers every question and takes no order.
PING = "SELECT current_setting('transaction_read_only')"

DEPTH = "SELECT count(*) FROM orders WHERE status IN ('accepted', 'sending')"

# --8<-- [start:mismatches]
POSITIONS = """
SELECT 'position ' || symbol || ' is not the sum of its fills'
FROM positions FULL JOIN (SELECT symbol, sum(quantity) AS filled FROM fills GROUP BY symbol) AS sums USING (symbol)
WHERE positions.quantity IS DISTINCT FROM sums.filled
LIMIT 20
"""

# A slice at a time, from one order's id on: the trail grows for years, and a look at it has a deadline.
MISMATCHES = """
WITH slice AS MATERIALIZED (SELECT * FROM orders WHERE id > $1 ORDER BY id LIMIT $2),
filled AS (
    SELECT order_id, abs(sum(quantity)) AS sum FROM fills WHERE order_id IN (SELECT id FROM slice) GROUP BY order_id
), trail AS (
    SELECT id, count(seq) AS lines, max(seq) AS last FROM slice LEFT JOIN order_events ON order_id = id GROUP BY id
)
(SELECT id, NULL FROM slice ORDER BY id OFFSET $2::integer - 1 LIMIT 1)  -- where a full slice ends
UNION ALL
SELECT NULL, 'order ' || id || ' is not filled as its fills say'
FROM slice LEFT JOIN filled ON id = order_id WHERE slice.filled <> coalesce(filled.sum, 0)
UNION ALL
SELECT NULL, 'order ' || id || ' is filled beyond its quantity' FROM slice WHERE filled > quantity
UNION ALL
SELECT NULL, 'order ' || id || ' has a gap in its audit trail'
FROM slice JOIN trail USING (id) WHERE (lines, last) IS DISTINCT FROM (version::bigint, version)
LIMIT 21
"""
# --8<-- [end:mismatches]
