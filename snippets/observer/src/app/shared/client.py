"""One pooled HTTP client for one service: deadline, retries and breaker in the order that works."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx2  # not httpx: there a call that is given up while it queues costs the pool a connection, for good

from app.shared.breaker import CircuitBreaker
from app.shared.errors import PermanentError, TransientError
from app.shared.retry import RetryBudget, retry

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})


# --8<-- [start:client]
class ServiceClient:
    """Calls one service over one connection pool; create it once, close it in the cleanup (App document 6.4).

    `attempt_seconds` bounds one attempt from the wait for a connection to the last byte of the body,
    `total_seconds` all attempts together.
    """

    def __init__(
        self,
        base_url: str,
        *,
        breaker: CircuitBreaker,
        budget: RetryBudget,
        attempt_seconds: float = 2.0,
        total_seconds: float = 6.0,
        attempts: int = 4,
        max_connections: int = 20,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.breaker = breaker
        self._budget = budget
        self._attempt_seconds = attempt_seconds
        self._total_seconds = total_seconds
        self._attempts = attempts
        self._http = httpx2.AsyncClient(
            base_url=base_url,
            headers=headers,
            trust_env=False,  # a proxy that nobody declared would see every call
            timeout=None,  # the deadline below bounds the whole; a drip renews httpx2's own timeouts
            limits=httpx2.Limits(max_connections=max_connections, max_keepalive_connections=max_connections),
        )

    async def request(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        json: Any = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """A successful answer, its body read; `key` makes a POST safe to repeat.

        Raises TransientError, PermanentError, CircuitOpenError, and TimeoutError when `total_seconds` are over.
        """
        headers = {"Idempotency-Key": key} if key is not None else {}
        request = self._http.build_request(method, path, json=json, params=params, headers=headers)
        return await retry(
            lambda: self.breaker.call(lambda: self._attempt(request)),
            repeatable=key is not None or method in IDEMPOTENT,
            deadline_seconds=self._total_seconds,
            budget=self._budget,
            attempts=self._attempts,
        )

    # --8<-- [end:client]

    # --8<-- [start:attempt]
    async def _attempt(self, request: httpx2.Request) -> httpx2.Response:
        try:
            async with asyncio.timeout(self._attempt_seconds):
                response = await self._http.send(request)  # reads the body too
        except TimeoutError as error:
            raise TransientError(f"{request.url.path}: no whole answer in {self._attempt_seconds} s") from error
        except httpx2.TransportError as error:
            raise TransientError(f"{request.url.path}: {type(error).__name__}") from error
        if response.status_code in TRANSIENT_STATUS:
            raise TransientError(f"{request.url.path}: {response.status_code}", _retry_after(response))
        if not response.is_success:
            raise PermanentError(f"{request.url.path}: {response.status_code}", response.status_code)
        return response

    # --8<-- [end:attempt]

    async def aclose(self) -> None:
        """Close the pool."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _retry_after(response: httpx2.Response) -> float | None:
    """The seconds of a Retry-After header; its date form is rare, and the backoff serves as well."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None
