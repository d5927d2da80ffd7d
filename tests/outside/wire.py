"""HTTP/1.1 as bytes on a connection: what is sent, and what comes back, each with its time."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

PATIENCE = 30.0
"""Seconds until no answer is taken for one that never comes."""


class Gone(Exception):
    """The connection ended, or nothing came in time, where an answer was due."""


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes
    seconds: float
    """From the last byte sent to the last byte received."""

    @property
    def closes(self) -> bool:
        """Whether the server said that this was the connection's last answer."""
        return self.headers.get("connection", "").lower() == "close"


class Connection:
    """One connection to a port of this machine."""

    def __init__(self, port: int, patience: float = PATIENCE) -> None:
        """Raises Gone where nobody listens."""
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=patience)
        except OSError as error:
            raise Gone(f"no connection: {error}") from error
        self._rest = b""
        self._sent = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes; raises Gone where the other side has reset the connection."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise Gone(f"not sent: {error}") from error
        self._sent = time.monotonic()

    def answer(self) -> Answer:
        """Read one whole answer; raises Gone where it does not come whole."""
        head = self._until(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._chunks()
        else:
            body = self._exactly(int(headers.get("content-length", "0")))
        return Answer(int(status.split()[1]), headers, body, time.monotonic() - self._sent)

    def is_closed(self) -> bool:
        """Whether the other side has closed the connection, without waiting and without taking anything from it."""
        self._socket.setblocking(False)
        try:
            return self._socket.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self._socket.settimeout(PATIENCE)

    def closed_within(self, seconds: float) -> bool:
        """Whether the other side closes the connection within some seconds, whatever it sends before."""
        self._socket.settimeout(0.1)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if not self._socket.recv(65536):
                    return True
            except TimeoutError:
                continue
            except OSError:
                return True
        return False

    def _chunks(self) -> bytes:
        body = b""
        while True:
            size = int(self._until(b"\r\n").split(b";")[0], 16)
            body += self._exactly(size)
            self._exactly(2)
            if not size:
                return body

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._more()
        head, _, self._rest = self._rest.partition(mark)
        return head

    def _exactly(self, count: int) -> bytes:
        while len(self._rest) < count:
            self._more()
        data, self._rest = self._rest[:count], self._rest[count:]
        return data

    def _more(self) -> None:
        try:
            data = self._socket.recv(65536)
        except OSError as error:
            raise Gone(f"no answer: {type(error).__name__}") from error
        if not data:
            raise Gone("closed without an answer")
        self._rest += data


def ask(port: int, data: bytes, patience: float = PATIENCE) -> Answer:
    """One request over a connection of its own.

    Raises:
        Gone: no whole answer came.
    """
    with Connection(port, patience) as connection:
        connection.send(data)
        return connection.answer()
