"""The tables of the collector: how far each stream is stored, the newest of each symbol, and what is missing."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE positions (
    stream      text PRIMARY KEY,
    seq         bigint NOT NULL DEFAULT 0 CHECK (seq >= 0),
    newest      bigint NOT NULL DEFAULT 0,
    at          timestamptz,
    owner       text NOT NULL,
    lease_until timestamptz NOT NULL
);

CREATE TABLE latest (
    stream   text NOT NULL REFERENCES positions,
    symbol   text NOT NULL,
    seq      bigint NOT NULL,
    price    numeric NOT NULL CHECK (price > 0),
    quantity numeric NOT NULL CHECK (quantity > 0),
    at       timestamptz NOT NULL,
    ticks    bigint NOT NULL CHECK (ticks > 0),
    volume   numeric NOT NULL CHECK (volume > 0),
    PRIMARY KEY (stream, symbol)
);

CREATE TABLE gaps (
    stream   text NOT NULL REFERENCES positions,
    first    bigint NOT NULL CHECK (first > 0),
    last     bigint NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stream, first),
    CHECK (last >= first)
);
"""


def upgrade() -> None:
    """Create the tables."""
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Remove the tables; their rows are gone with them."""
    op.execute("DROP TABLE gaps, latest, positions")
