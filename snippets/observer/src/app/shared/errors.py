"""The errors that decide what happens after a failed call: try again later, or do not."""

from __future__ import annotations


class TransientError(Exception):
    """The call may succeed if it is made again later (App document 7.2).

    `retry_after` is how many seconds the service asked to be left alone, or None if it did not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentError(Exception):
    """The service is well and refused: the same call would be refused again (App document 7.2).

    `status` is the HTTP status of the refusal, or None where there was none.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class UnavailableError(Exception):
    """Something that the app itself depends on is away or has no room: whoever asked may ask again soon."""
