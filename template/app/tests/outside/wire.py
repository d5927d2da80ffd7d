"""A client that writes its own bytes: half a request, two at once, or none for a while."""

from __future__ import annotations

import json
import socket
import time
from types import TracebackType
from typing import Any, Self

GET = b"GET /positions HTTP/1.1\r\nHost: app\r\n\r\n"


class Wire:
    """One TCP connection; reading gives up after `seconds`."""

    def __init__(self, port: int, seconds: float = 30.0) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Write, whether or not anybody reads."""
        self._socket.sendall(data)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer: status, headers, body; ConnectionError when the server closed instead."""
        head = self._until(b"\r\n\r\n").decode("latin-1")
        status, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(self._rest) < length:
            self._read()
        body, self._rest = self._rest[:length], self._rest[length:]
        return int(status.split()[1]), headers, body

    def closed(self) -> bool:
        """Wait for the server to close; True when it did without another byte."""
        try:
            self._read()
        except ConnectionError:
            return True
        return False

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._read()
        head, _, self._rest = self._rest.partition(mark)
        return head

    def _read(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        self._rest += data


def detail(body: bytes) -> Any:
    """What an error says, which is JSON."""
    return json.loads(body)["detail"]


def eventually(found: Any, wanted: object, seconds: float = 30.0) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while (seen := found()) != wanted:
        assert time.monotonic() < end, seen
        time.sleep(0.05)
