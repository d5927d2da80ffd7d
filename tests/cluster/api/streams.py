"""Commands in a container and connections to a pod, over the WebSockets that kubectl opens for them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from typing import IO, Any

from starlette.types import Receive, Scope, Send
from tests.cluster import errors
from tests.cluster.api.spdy import PING, SYN_STREAM, Connection, Frame
from tests.cluster.shelf import Object

# Starts a command in a pod's container, its streams as pipes.
Execute = Callable[[Object, str, list[str]], "subprocess.Popen[bytes]"]
# Where a pod's port really is.
Reach = Callable[[Object, int], tuple[str, int]]

_COMMANDS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_FORWARD = "SPDY/3.1+portforward.k8s.io"
_STDIN, _STDOUT, _STDERR, _STATUS, _CLOSE = 0, 1, 2, 3, 255
_CHUNK = 65536


class Socket:
    """A WebSocket that carries bytes."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.offered: list[str] = list(scope.get("subprotocols", ()))
        self._receive, self._send = receive, send

    async def accept(self, *known: str) -> None:
        """Agree on the first protocol that both know; raises BadRequest where there is none."""
        chosen = next((each for each in known if each in self.offered), None)
        if chosen is None:
            raise errors.BadRequest(f"unable to upgrade: none of {', '.join(self.offered) or 'nothing'} is spoken")
        await self._send({"type": "websocket.accept", "subprotocol": chosen})

    async def read(self) -> bytes | None:
        """The next message; None when the client is gone."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return None
        return message.get("bytes") or (message.get("text") or "").encode()

    async def write(self, data: bytes) -> None:
        """Send one message; nobody may be there any longer."""
        try:
            await self._send({"type": "websocket.send", "bytes": data})
        except (OSError, RuntimeError):
            return

    async def close(self) -> None:
        """End it in order."""
        try:
            await self._send({"type": "websocket.close", "code": 1000})
        except (OSError, RuntimeError):
            return


async def run_command(socket: Socket, start: Callable[[], subprocess.Popen[bytes]]) -> None:
    """A command's streams over the channels of kubectl exec, its exit code at the end."""
    await socket.accept(*_COMMANDS)
    try:
        process = await asyncio.to_thread(start)
    except errors.ApiError as error:
        await socket.write(bytes([_STATUS]) + json.dumps(error.status()).encode())
        await socket.close()
        return
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    asking = asyncio.create_task(_feed(socket, process.stdin))
    await asyncio.gather(
        _drain(socket, _STDOUT, process.stdout.fileno()), _drain(socket, _STDERR, process.stderr.fileno())
    )
    code = await asyncio.to_thread(process.wait)
    asking.cancel()
    await socket.write(bytes([_STATUS]) + json.dumps(_ended(code)).encode())
    await socket.close()


async def forward(socket: Socket, reach: Callable[[int], tuple[str, int]]) -> None:
    """Connections to a pod's ports, as the streams of one SPDY connection."""
    await socket.accept(_FORWARD)
    await _Forward(socket, reach).serve()


class _Forward:
    def __init__(self, socket: Socket, reach: Callable[[int], tuple[str, int]]) -> None:
        self._socket, self._reach = socket, reach
        self._connection = Connection()
        self._errors: dict[str, int] = {}
        self._writers: dict[int, asyncio.StreamWriter] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        while (data := await self._socket.read()) is not None:
            for frame in self._connection.feed(data):
                await self._take(frame)
        for task in self._tasks:
            task.cancel()
        for writer in self._writers.values():
            writer.close()

    async def _take(self, frame: Frame) -> None:
        if frame.type == SYN_STREAM:
            await self._socket.write(self._connection.reply(frame.stream))
            request = frame.headers.get("requestid", "")
            if frame.headers.get("streamtype") == "error":
                self._errors[request] = frame.stream
            else:
                await self._connect(frame, request)
        elif frame.type == PING:
            await self._socket.write(self._connection.pong(frame.data))
        elif frame.type == 0 and frame.stream in self._writers:
            writer = self._writers[frame.stream]
            if frame.data:
                writer.write(frame.data)
                await writer.drain()
            if frame.ends and writer.can_write_eof():
                writer.write_eof()

    async def _connect(self, frame: Frame, request: str) -> None:
        port = int(frame.headers.get("port", "0"))
        problem = self._errors.get(request, 0)
        host, real = self._reach(port)
        try:
            reader, writer = await asyncio.open_connection(host, real)
        except OSError as error:
            text = f"an error occurred forwarding {port} -> {port}: {error.strerror or error}"
            await self._socket.write(self._connection.data(problem, text.encode(), ends=True))
            await self._socket.write(self._connection.data(frame.stream, b"", ends=True))
            return
        self._writers[frame.stream] = writer
        task = asyncio.create_task(self._answer(reader, frame.stream, problem))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, reader: asyncio.StreamReader, stream: int, problem: int) -> None:
        try:
            while data := await reader.read(_CHUNK):
                await self._socket.write(self._connection.data(stream, data))
        except OSError:
            pass
        await self._socket.write(self._connection.data(stream, b"", ends=True))
        await self._socket.write(self._connection.data(problem, b"", ends=True))
        self._writers.pop(stream).close()


async def _feed(socket: Socket, stdin: IO[bytes]) -> None:
    while (message := await socket.read()) is not None:
        if message[:1] == bytes([_STDIN]) and len(message) > 1:
            await asyncio.to_thread(_write, stdin, message[1:])
        elif message == bytes([_CLOSE, _STDIN]):
            stdin.close()
            return
    stdin.close()


def _write(stdin: IO[bytes], data: bytes) -> None:
    try:
        stdin.write(data)
        stdin.flush()
    except (BrokenPipeError, ValueError):
        # The command reads no longer; how it ended is what counts.
        return


async def _drain(socket: Socket, channel: int, descriptor: int) -> None:
    while data := await asyncio.to_thread(os.read, descriptor, _CHUNK):
        await socket.write(bytes([channel]) + data)


def _ended(code: int) -> Mapping[str, Any]:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    causes = [{"reason": "ExitCode", "message": str(code)}]
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": causes},
    }
