"""What an error of the exchange means for the order that met it."""

from __future__ import annotations

from enum import Enum

from app.shared.breaker import CircuitOpenError
from app.shared.errors import PermanentError

REFUSED = frozenset({400, 404, 409, 422})
"""Answers about the order; any other refusal, such as 401, is about us and may be over soon."""


# --8<-- [start:classes]
class Outcome(Enum):
    """Permanent, retryable, or retryable only after the exchange was asked (App document 7.2)."""

    REJECTED = "rejected"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


def outcome(error: Exception) -> Outcome:
    """Judge the error of a submission; what is not certainly one of the two clear cases is unknown."""
    match error:
        case PermanentError(status=status) if status in REFUSED:
            return Outcome.REJECTED
        case PermanentError() | CircuitOpenError():
            return Outcome.NOT_SENT
        case _:
            return Outcome.UNKNOWN


# --8<-- [end:classes]
