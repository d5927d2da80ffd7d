"""What each error of the exchange means for an order (App document 7.2)."""

from __future__ import annotations

import pytest

from app.orders.errors import Outcome, outcome
from app.shared.breaker import CircuitOpenError
from app.shared.errors import PermanentError, TransientError


@pytest.mark.rule("TRD006")
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermanentError("bad", 400), Outcome.REJECTED),
        (PermanentError("no such symbol", 404), Outcome.REJECTED),
        (PermanentError("conflict", 409), Outcome.REJECTED),
        (PermanentError("refused", 422), Outcome.REJECTED),
        (PermanentError("our key", 401), Outcome.NOT_SENT),
        (PermanentError("our rights", 403), Outcome.NOT_SENT),
        (PermanentError("no status"), Outcome.NOT_SENT),
        (CircuitOpenError("exchange", 1.0), Outcome.NOT_SENT),
        (TransientError("503"), Outcome.UNKNOWN),
        (TimeoutError(), Outcome.UNKNOWN),
        (ConnectionResetError(), Outcome.UNKNOWN),
        (ValueError("a bug"), Outcome.UNKNOWN),
    ],
)
def test_an_error_is_permanent_retryable_or_open(error: Exception, expected: Outcome) -> None:
    """Only what is certain is treated as certain."""
    assert outcome(error) is expected
