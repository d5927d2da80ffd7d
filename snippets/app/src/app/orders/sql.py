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
# An order is due when it waited long enough, or when the lease of the worker that had it ran out.
CLAIM = """
WITH due AS (
    SELECT id, status AS was FROM orders
    WHERE status IN ('accepted', 'sending') AND lease_until <= now()
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

EVENTS = "SELECT seq, event, status, data, at FROM order_events WHERE order_id = $1 ORDER BY seq"

TRAIL = "SELECT order_id, seq, event, status, data, at FROM order_events ORDER BY order_id, seq"

DEPTH = "SELECT count(*) FROM orders WHERE status IN ('accepted', 'sending')"

# --8<-- [start:mismatches]
MISMATCHES = """
SELECT 'position ' || symbol || ' is not the sum of its fills'
FROM positions FULL JOIN (SELECT symbol, sum(quantity) AS filled FROM fills GROUP BY symbol) AS sums USING (symbol)
WHERE positions.quantity IS DISTINCT FROM sums.filled
UNION ALL
SELECT 'order ' || id || ' is not filled as its fills say'
FROM orders LEFT JOIN (SELECT order_id, abs(sum(quantity)) AS sum FROM fills GROUP BY order_id) AS sums ON id = order_id
WHERE orders.filled <> coalesce(sums.sum, 0)
UNION ALL
SELECT 'order ' || id || ' is filled beyond its quantity' FROM orders WHERE filled > quantity
UNION ALL
SELECT 'order ' || id || ' has a gap in its audit trail'
FROM orders LEFT JOIN (
    SELECT order_id, count(*) AS lines, max(seq) AS last FROM order_events GROUP BY order_id
) AS trail ON id = order_id
WHERE (trail.lines, trail.last) IS DISTINCT FROM (version::bigint, version)
LIMIT 20
"""
# --8<-- [end:mismatches]
