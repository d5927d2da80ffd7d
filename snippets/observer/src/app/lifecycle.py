"""The stop: from SIGTERM to exit code 0 without losing a request."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from types import FrameType
from typing import Any, cast

import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import starting
from app.budget import MARGIN_SECONDS
from app.connections import KEEP_ALIVE_SECONDS, MAX_HEADER_BYTES, Connection, most_connections
from app.settings import Settings

log = logging.getLogger(__name__)


# --8<-- [start:server]
class Server(uvicorn.Server):
    """Keeps serving for a while after the first signal, then stops in order (App document 6.2).

    The server's own exit handling is extended, not replaced: a second handler for SIGTERM would fight with it.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        draining: asyncio.Event,
        failed: asyncio.Event,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._settings, self._draining, self._failed, self._ready = settings, draining, failed, ready
        self._signalled = False
        super().__init__(
            uvicorn.Config(
                Closing(app, draining),
                host="0.0.0.0",  # noqa: S104  a pod is reached through its own address only
                port=settings.service_port,
                lifespan="on",
                log_config=None,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=math.ceil(settings.linger_seconds + settings.request_seconds),
                http=cast(Any, partial(Connection, settings.linger_seconds)),
                h11_max_incomplete_event_size=MAX_HEADER_BYTES,
                backlog=most_connections() // 4,  # as many are taken at once, before any can be refused
                ws="none",
                proxy_headers=False,  # who a caller says that it came from is nothing to rely on
            )
        )

    async def startup(self, *args: Any, **kwargs: Any) -> None:
        """Take the signals over: the handlers stand, and what follows can be drained."""
        starting.hand_over()
        await super().startup(*args, **kwargs)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the drain; a second signal ends the process on the spot, as recovery does not need a clean stop."""
        if self._signalled:
            os._exit(128 + sig)
        self._signalled = True
        asyncio.get_running_loop().call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        if self._draining.is_set():
            return
        self._draining.set()
        if not self._ready():
            self.should_exit = True  # no traffic has ever come here
            return
        stop = self._settings
        log.info("draining", extra={"seconds": stop.drain_seconds})
        asyncio.get_running_loop().call_later(stop.drain_seconds, self._stop_accepting)
        # A thread that hangs (a name lookup, a driver) would hold the interpreter back until SIGKILL.
        limit = stop.needed_seconds + stop.linger_seconds - stop.prestop_seconds - MARGIN_SECONDS / 2
        watchdog = threading.Timer(limit, os._exit, (1,))
        watchdog.daemon = True
        watchdog.start()

    def _stop_accepting(self) -> None:
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """What cannot go on stops like what was told to: a pod that never was ready at once, any other with a drain."""
        if self._failed.is_set():
            self._drain()
        return await super().on_tick(counter)


# --8<-- [end:server]


# --8<-- [start:closing]
class Closing:
    """While draining, tells every client to open its next connection elsewhere.

    Of requests that came one behind the other only the last one tells it: what follows that word is not answered.
    """

    def __init__(self, app: ASGIApp, draining: asyncio.Event) -> None:
        self._app, self._draining = app, draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add `Connection: close` to each response that starts after the drain has begun."""
        more: Callable[[], bool] = scope.get("state", {}).get("more_is_here", bool)

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and self._draining.is_set() and not more():
                message["headers"] = [*message.get("headers", []), (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, closing)


# --8<-- [end:closing]


# --8<-- [start:deadline]
class Deadline:
    """Gives each request a limit, so that the requests in flight at a stop are bounded too.

    A bug is answered here as well: an error that reached the server would make it close the connection unannounced,
    and the client's next request on it would be lost.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 504 or 500 if the response has not started; if it has, the error cuts it off."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        try:
            async with asyncio.timeout(self._seconds) as limit:
                await self._app(scope, receive, watched)
        except Exception as error:
            late = isinstance(error, TimeoutError) and limit.expired()
            if started and not late:
                raise
            log.error("request failed", extra={"path": scope["path"], "late": late}, exc_info=None if late else error)
            if not started:  # the server closes a connection whose answer has begun and has no end
                status, detail = (504, "the request took too long") if late else (500, "internal error")
                await JSONResponse({"detail": detail}, status_code=status)(scope, receive, send)


# --8<-- [end:deadline]


# --8<-- [start:cleanup]
async def cleanup(seconds: float, closers: dict[str, Callable[[], Awaitable[object]]]) -> None:
    """Close everything at the same time and give up after `seconds`; what failed or hung is logged, never raised."""
    tasks = {asyncio.ensure_future(close()): name for name, close in closers.items()}
    if not tasks:
        return
    done, hung = await asyncio.wait(tasks, timeout=seconds)
    for task in done:
        if task.exception():
            log.error("cleanup failed", extra={"part": tasks[task]}, exc_info=task.exception())
    for task in hung:
        task.cancel()
        log.error("cleanup hung", extra={"part": tasks[task], "seconds": seconds})


# --8<-- [end:cleanup]
