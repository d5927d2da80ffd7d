"""One client's connection: what it may hold, and how it ends."""

from __future__ import annotations

import asyncio
import json
import resource
from functools import partial
from typing import Any, cast

import h11
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS = 1000
MAX_HEADER_BYTES = 16_384
KEEP_ALIVE_SECONDS = 95
"""Longer than a proxy keeps an idle connection (Traefik: 90), which then never sends into one that closes."""
HEADER_SECONDS = 10.0
"""For the headers of a request; as long again for a client to read the rest of an answer."""


def most_connections() -> int:
    """Fewer than there are descriptors, so that the app itself and the probes always get one."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(MAX_CONNECTIONS, allowed // 2)


# --8<-- [start:connection]
class Connection(H11Protocol):
    """Bounds what a client holds without asking for anything, and tells it before it closes (App document 6.2, 6.4).

    `linger_seconds` is how long an idle connection is kept once the server stops. It may be told nothing then: a
    request that is on its way would be lost, so whoever still sends one is served, and told to close.
    """

    def __init__(self, linger_seconds: float, **server: Any) -> None:
        super().__init__(**server)
        self.app = cast(Any, partial(self._serve, cast(ASGIApp, self.app)))
        self._linger_seconds = linger_seconds
        self._stopping = False
        self._since = self.loop.time()
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """When there are too many, the one goes that has waited the longest without a whole request."""
        super().connection_made(transport)
        self._within(HEADER_SECONDS)
        if len(self.connections) > most_connections():
            ours = [each for each in cast(set[Connection], self.connections) if not each.transport.is_closing()]
            waiting = [each for each in ours if each._waiting]
            if len(ours) > most_connections():
                min(waiting, key=lambda each: each._since).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left to time."""
        self._untimed()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The clock of a request runs from its first byte, and not again with each of the next."""
        if self._idle and self._timer is None:
            self._within(HEADER_SECONDS)
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Idle again: for the server's keep-alive time, or for as long as the stop has left."""
        self._untimed()
        self._since = self.loop.time()
        super().on_response_complete()
        if self._stopping and self._idle:
            self._within(self._linger_seconds)

    def shutdown(self) -> None:
        """The server stops: a request in flight is served, an idle connection is served once more."""
        self._stopping = True
        if self._idle:
            self._within(self._linger_seconds)

    def timeout_keep_alive_handler(self) -> None:
        """Close, also if the client does not read the end of its last answer."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(HEADER_SECONDS, self.transport.abort)

    # --8<-- [end:connection]

    def send_400_response(self, msg: str) -> None:
        """As JSON, like every other answer."""
        self._refuse(400, msg)

    def more_is_here(self) -> bool:
        """A pipelined request has arrived behind this one: told to close, its client would have to send it again."""
        return not self._stopping and self.conn.their_state is h11.DONE and bool(self.conn.trailing_data[0])

    async def _serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self._untimed()
        scope["state"]["more_is_here"] = self.more_is_here
        try:
            await app(scope, receive, send)
        finally:
            if self.transport.is_closing():
                self.loop.call_later(HEADER_SECONDS, self.transport.abort)

    @property
    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    @property
    def _waiting(self) -> bool:
        return self._idle or self.cycle.more_body

    def _within(self, seconds: float) -> None:
        self._untimed()
        self._timer = self.loop.call_later(seconds, self._over)

    def _untimed(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _over(self) -> None:
        self._timer = None
        if self._idle and not self.transport.is_closing():
            if self.conn.our_state is h11.IDLE and self.conn.trailing_data[0]:
                self._refuse(408, "the headers took too long")
            else:
                self.timeout_keep_alive_handler()

    def _refuse(self, status: int, detail: str) -> None:
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            body = json.dumps({"detail": detail}).encode()
            headers = [
                ("content-type", "application/json"),
                ("connection", "close"),
                ("content-length", str(len(body))),
            ]
            for event in (h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()
        self.loop.call_later(HEADER_SECONDS, self.transport.abort)
