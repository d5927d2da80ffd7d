"""The tables of orders, their audit trail, their fills, and the positions that follow from the fills."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE orders (
    id              uuid PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE,
    symbol          text NOT NULL,
    side            text NOT NULL CHECK (side IN ('buy', 'sell')),
    quantity        numeric NOT NULL CHECK (quantity > 0),
    price           numeric NOT NULL CHECK (price > 0),
    status          text NOT NULL CHECK (status IN ('accepted', 'sending', 'placed', 'filled', 'rejected')),
    filled          numeric NOT NULL DEFAULT 0 CHECK (filled >= 0),
    exchange_id     text,
    reason          text,
    lease_owner     text,
    lease_until     timestamptz NOT NULL DEFAULT now(),
    attempts        integer NOT NULL DEFAULT 0,
    version         integer NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_due ON orders (lease_until) WHERE status IN ('accepted', 'sending');

CREATE TABLE order_events (
    order_id uuid NOT NULL REFERENCES orders,
    seq      integer NOT NULL,
    event    text NOT NULL,
    status   text NOT NULL,
    data     jsonb NOT NULL DEFAULT '{}',
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (order_id, seq)
);

CREATE TABLE fills (
    exchange_seq bigint PRIMARY KEY,
    order_id     uuid NOT NULL REFERENCES orders,
    symbol       text NOT NULL,
    quantity     numeric NOT NULL,
    price        numeric NOT NULL,
    at           timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE positions (
    symbol   text PRIMARY KEY,
    quantity numeric NOT NULL
);
"""

APPEND_ONLY = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
"""


def upgrade() -> None:
    """Create the tables, and let nobody rewrite the audit trail."""
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    function, trigger = APPEND_ONLY.strip().split("$$;\n")
    op.execute(function + "$$")
    op.execute(trigger)


def downgrade() -> None:
    """Remove the tables; their rows are gone with them."""
    op.execute("DROP TABLE positions, fills, order_events, orders")
    op.execute("DROP FUNCTION refuse")
