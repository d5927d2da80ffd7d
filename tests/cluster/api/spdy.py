"""SPDY/3.1 as `kubectl port-forward` speaks it: frames of streams, read and written."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from tests.kube import kubectl

SYN_STREAM, SYN_REPLY, RST_STREAM, PING, GOAWAY = 1, 2, 3, 6, 7
FIN = 1
_VERSION = 3
# The words that headers are compressed with begin and end so; they stand in whatever speaks SPDY, kubectl too.
_FIRST, _LAST = b"\x00\x00\x00\x07options\x00\x00\x00\x04head", b",enq=0."


@dataclass(frozen=True)
class Frame:
    """One frame: a control frame by its type, or data (`type` 0) of a stream."""

    type: int
    stream: int
    data: bytes = b""
    ends: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class Connection:
    """One side of a connection: what the other sends is fed to it, and what it answers is written by it."""

    def __init__(self) -> None:
        self._buffer = b""
        self._reading = zlib.decompressobj(zdict=_words())
        self._writing = zlib.compressobj(zdict=_words())

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete now."""
        self._buffer += data
        while len(self._buffer) >= 8:
            first, second = struct.unpack_from(">II", self._buffer)
            length = second & 0xFFFFFF
            if len(self._buffer) < 8 + length:
                return
            body, self._buffer = self._buffer[8 : 8 + length], self._buffer[8 + length :]
            flags = second >> 24
            if first >> 31:
                yield self._control(first & 0xFFFF, flags, body)
            else:
                yield Frame(0, first, body, bool(flags & FIN))

    def reply(self, stream: int) -> bytes:
        """Accept a stream."""
        block = self._writing.compress(struct.pack(">I", 0)) + self._writing.flush(zlib.Z_SYNC_FLUSH)
        return _control_frame(SYN_REPLY, struct.pack(">I", stream) + block)

    def data(self, stream: int, data: bytes, *, ends: bool = False) -> bytes:
        """Data of a stream, perhaps the last."""
        return struct.pack(">II", stream, (FIN << 24 if ends else 0) | len(data)) + data

    def pong(self, ping: bytes) -> bytes:
        """The answer to a ping."""
        return _control_frame(PING, ping)

    def _control(self, kind: int, flags: int, body: bytes) -> Frame:
        stream = struct.unpack_from(">I", body)[0] if len(body) >= 4 else 0
        headers = {}
        if kind == SYN_STREAM:
            headers = _headers(self._reading.decompress(body[10:]))
        return Frame(kind, stream & 0x7FFFFFFF, body, bool(flags & FIN), headers)


@cache
def _words() -> bytes:
    binary = kubectl().read_bytes()
    start = binary.index(_FIRST)
    return binary[start : binary.index(_LAST, start) + len(_LAST)]


def _control_frame(kind: int, body: bytes) -> bytes:
    return struct.pack(">HHI", 0x8000 | _VERSION, kind, len(body)) + body


def _headers(block: bytes) -> dict[str, str]:
    count = struct.unpack_from(">I", block)[0]
    place, found = 4, {}
    for _ in range(count):
        words = []
        for _ in range(2):
            length = struct.unpack_from(">I", block, place)[0]
            words.append(block[place + 4 : place + 4 + length].decode())
            place += 4 + length
        found[words[0].lower()] = words[1]
    return found
