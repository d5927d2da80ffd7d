"""WebSockets for uvicorn that take kubectl's subprotocols, whose names are no tokens of the standard.

`SPDY/3.1+portforward.k8s.io` has a slash, which libraries refuse; so the frames of RFC 6455 are read and written here.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
from typing import Any
from urllib.parse import unquote

import uvicorn

_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUED, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_END = b"\r\n\r\n"
Message = dict[str, Any]


class WebSocketProtocol(asyncio.Protocol):
    """One connection, as an ASGI application of type `websocket` sees it."""

    def __init__(self, config: uvicorn.Config, server_state: Any, app_state: Any, _loop: Any = None) -> None:
        self._config, self._state = config, server_state
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._buffer = b""
        self._part = b""
        self._headers: dict[bytes, bytes] = {}
        self._status = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection of the request to upgrade it."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._state.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._state.connections.discard(self)
        self._messages.put_nowait({"type": "websocket.disconnect", "code": 1006})

    def data_received(self, data: bytes) -> None:
        """The request, and then frames."""
        self._buffer += data
        if not self._headers:
            if _END not in self._buffer:
                return
            head, self._buffer = self._buffer.split(_END, 1)
            self._begin(head)
        while (frame := self._frame()) is not None:
            self._take(*frame)

    def shutdown(self) -> None:
        """The server ends."""
        self._transport.close()

    def _begin(self, head: bytes) -> None:
        lines = head.split(b"\r\n")
        address = lines[0].split()[1]
        path, _, query = address.partition(b"?")
        pairs = [line.split(b":", 1) for line in lines[1:]]
        headers = [(name.strip().lower(), value.strip()) for name, value in pairs]
        self._headers = dict(headers)
        offered = self._headers.get(b"sec-websocket-protocol", b"").decode().split(",")
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "wss",
            "path": unquote(path.decode()),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": headers,
            "subprotocols": [each.strip() for each in offered if each.strip()],
        }
        self._messages.put_nowait({"type": "websocket.connect"})
        task = asyncio.get_running_loop().create_task(self._config.loaded_app(scope, self._messages.get, self._send))
        self._state.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._state.tasks.discard(task)
        self._transport.close()

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                key = base64.b64encode(hashlib.sha1(self._headers[b"sec-websocket-key"] + _KEY).digest())
                chosen = message["subprotocol"].encode()
                lines = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
                lines += [b"Sec-WebSocket-Accept: " + key, b"Sec-WebSocket-Protocol: " + chosen]
                self._transport.write(b"\r\n".join(lines) + _END)
                self._open = True
            case "websocket.send":
                self._write(_BINARY, message["bytes"])
            case "websocket.close":
                self._write(_CLOSE, struct.pack(">H", message["code"]))
                self._transport.close()
            case "websocket.http.response.start":
                self._status = str(message["status"]).encode()
            case "websocket.http.response.body":
                body = message["body"]
                lines = [b"HTTP/1.1 " + self._status + b" Refused", b"Content-Type: application/json"]
                lines += [b"Content-Length: " + str(len(body)).encode(), b"Connection: close"]
                self._transport.write(b"\r\n".join(lines) + _END + body)

    def _write(self, code: int, data: bytes) -> None:
        size = len(data)
        if size < 126:
            head = struct.pack(">BB", 0x80 | code, size)
        elif size < 65536:
            head = struct.pack(">BBH", 0x80 | code, 126, size)
        else:
            head = struct.pack(">BBQ", 0x80 | code, 127, size)
        if not self._transport.is_closing():
            self._transport.write(head + data)

    def _frame(self) -> tuple[bool, int, bytes] | None:
        """The next frame that is complete: whether it ends its message, its code, its content."""
        if len(self._buffer) < 2 or not self._headers:
            return None
        first, second = self._buffer[0], self._buffer[1]
        size, place = second & 0x7F, 2
        if size >= 126:
            width = 2 if size == 126 else 8
            if len(self._buffer) < 2 + width:
                return None
            size, place = int.from_bytes(self._buffer[2 : 2 + width]), 2 + width
        if len(self._buffer) < place + 4 + size:
            return None
        mask, content = self._buffer[place : place + 4], self._buffer[place + 4 : place + 4 + size]
        self._buffer = self._buffer[place + 4 + size :]
        return bool(first & 0x80), first & 0x0F, _unmasked(content, mask)

    def _take(self, ends: bool, code: int, content: bytes) -> None:
        match code:
            case _ if code in {_CONTINUED, _TEXT, _BINARY}:
                self._part += content
                if ends:
                    self._messages.put_nowait({"type": "websocket.receive", "bytes": self._part})
                    self._part = b""
            case _ if code == _PING:
                self._write(_PONG, content)
            case _ if code == _CLOSE:
                self._write(_CLOSE, content)
                self._messages.put_nowait({"type": "websocket.disconnect", "code": 1000})


def _unmasked(content: bytes, mask: bytes) -> bytes:
    size = len(content)
    whole = int.from_bytes((mask * (size // 4 + 1))[:size])
    return (int.from_bytes(content) ^ whole).to_bytes(size)
