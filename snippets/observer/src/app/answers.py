"""What a client is told when its request is refused or cannot be served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.shared.errors import UnavailableError

MAX_BODY_BYTES = 16_384
MAX_PROBLEMS = 10


# --8<-- [start:body]
class BodyLimit:
    """Refuses a body that is too large before it is read: what is not in memory cannot keep the event loop busy.

    An ingress has a limit too, but it counts in megabytes, and a pod can be reached without it.
    """

    def __init__(self, app: ASGIApp, most: int = MAX_BODY_BYTES) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The 413 is raised where the body is asked for; a route that asks for none answers as usual."""
        read = 0

        async def bounded() -> Message:
            nonlocal read
            if read == 0 and self._announced(scope) > self._most:
                raise HTTPException(413, f"the body has more than {self._most} bytes")
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise HTTPException(413, f"the body has more than {self._most} bytes")
            return message

        await self._app(scope, bounded if scope["type"] == "http" else receive, send)

    def _announced(self, scope: Scope) -> int:
        return int(next((value for name, value in scope["headers"] if name == b"content-length"), b"0"))


# --8<-- [end:body]


# --8<-- [start:answers]
def explain(app: FastAPI) -> None:
    """Give the app its answers to errors: bounded, and without what the client sent."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(UnavailableError, _unavailable)


def problems(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The first of the errors that a validation found."""
    return [{"loc": [_shown(part) for part in each["loc"]], "msg": each["msg"]} for each in errors[:MAX_PROBLEMS]]


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return JSONResponse({"detail": problems(error.errors())}, 422)


async def _unavailable(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse({"detail": "try again"}, 503, {"Retry-After": "1"})


# --8<-- [end:answers]


def _shown(part: object) -> str:
    return str(part)[:100].encode(errors="replace").decode()
