"""Which answers of PostgreSQL mean that the database is away, so that the app waits instead of ending."""

from __future__ import annotations

import asyncpg
import pytest

from app.orders.store import LOST


@pytest.mark.rule("RUN001", "TRD002")
@pytest.mark.parametrize("code", ["08006", "53300", "55000", "57P01", "57P03"])
def test_a_database_that_is_away_is_waited_for(code: str) -> None:
    """A lost connection, no room for one, a shutdown and a start are all passing."""
    assert isinstance(asyncpg.PostgresError.new({"C": code, "M": "away"}), LOST)


@pytest.mark.rule("PRB005")
@pytest.mark.parametrize("code", ["28P01", "3D000", "42P01"])
def test_a_database_that_is_unfit_is_not_waited_for(code: str) -> None:
    """A wrong password, a missing database or a missing table does not pass by itself."""
    assert not isinstance(asyncpg.PostgresError.new({"C": code, "M": "unfit"}), LOST)
