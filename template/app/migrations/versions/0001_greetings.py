"""The table of greetings."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the table."""
    op.execute(
        "CREATE TABLE greetings ("
        " id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " name text NOT NULL,"
        " text text NOT NULL,"
        " created_at timestamptz NOT NULL DEFAULT now())"
    )


def downgrade() -> None:
    """Remove it; its rows are gone with it."""
    op.execute("DROP TABLE greetings")
