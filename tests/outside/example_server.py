"""A small HTTP app that does what the checks ask for, or, told by BREAK, fails in one known way."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

BREAK = os.environ.get("BREAK", "")
MOST = 64 * 1024
HEAD_SECONDS = 2.0
IDLE_SECONDS = 1.5

draining = asyncio.Event()
open_connections: set[asyncio.Task[Any]] = set()


def respond(status: int, body: Any, *, closing: bool) -> bytes:
    """An answer in JSON, or in whatever form the break asks for."""
    html = BREAK == "html-errors" and status == 400
    data = b"<h1>Bad Request</h1>" if html else json.dumps(body).encode()
    kind = "text/html" if html else "application/json"
    connection = "close" if closing else "keep-alive"
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\nConnection: {connection}\r\n"
    return head.encode() + b"\r\n" + data


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand once."""
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def refuse(constant: str) -> Any:
    """Python takes NaN and Infinity for numbers; JSON does not."""
    raise ValueError(constant)


def item(body: bytes) -> tuple[int, Any]:
    """The answer to a write."""
    try:
        data = json.loads(body, object_pairs_hook=once, parse_constant=refuse)
        json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return (500 if BREAK == "500-on-bad-json" else 422), {"error": "no good JSON"}
    return 201, {"made": True}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, request by request."""
    task = asyncio.current_task()
    assert task
    open_connections.add(task)
    try:
        while await exchange(reader, writer):
            pass
    except (TimeoutError, asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
        pass
    finally:
        open_connections.discard(task)
        writer.close()


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """One request; whether the connection goes on."""
    async with asyncio.timeout(
        None if BREAK == "half-open" else HEAD_SECONDS if not draining.is_set() else IDLE_SECONDS
    ):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split()
    closing = draining.is_set() or "connection: close" in head.lower()
    if BREAK == "drops-idle" and draining.is_set():
        return False
    if any(": " not in line for line in lines):
        writer.write(respond(400, {"error": "a broken header"}, closing=True))
        return False
    length = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")), 0)
    if length > MOST and BREAK not in {"takes-large", "blocks"}:
        writer.write(respond(413, {"error": "too large"}, closing=True))
        await writer.drain()
        return False
    body = await reader.readexactly(length)
    if BREAK == "blocks" and length > MOST:
        time.sleep(3)  # noqa: ASYNC251  the fault itself
        writer.write(respond(413, {"error": "too large, and told late"}, closing=True))
        return False
    status, answer = await route(method, path, body)
    writer.write(respond(status, answer, closing=closing or draining.is_set()))
    await writer.drain()
    return not (closing or draining.is_set())


async def route(method: str, path: str, body: bytes) -> tuple[int, Any]:
    """What each path answers."""
    if path == "/ready":
        return (503 if draining.is_set() or BREAK == "never-ready" else 200), {}
    if path in {"/live", "/startup"}:
        return 200, {}
    if path == "/quick" and BREAK != "no-quick":
        return 200, {}
    if path == "/slow":
        await asyncio.sleep(1.2)
        return 200, {}
    if method == "POST" and path == "/items":
        return item(body)
    return (200 if BREAK == "answers-anything" else 404), {"error": "not found"}


def stop_is_flaky() -> bool:
    """Whether this start is an odd one; the number of starts is kept in a file."""
    counter = Path(os.environ["COUNTER"])
    count = int(counter.read_text() or 0) + 1 if counter.exists() else 1
    counter.write_text(str(count))
    return count % 2 == 1


async def main() -> int:
    """Serve until told to stop, then until every connection has been told or has been idle."""
    if BREAK == "proxy" and "HTTP_PROXY" in os.environ:
        return 1
    loop = asyncio.get_running_loop()
    if BREAK != "no-handler":
        loop.add_signal_handler(signal.SIGTERM, draining.set)
    await asyncio.sleep(0.3)
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]), limit=MOST)
    flaky = BREAK == "flaky" and stop_is_flaky()
    await draining.wait()
    if BREAK == "ignores-sigterm":
        await asyncio.Event().wait()
    if BREAK != "cuts-requests":
        # New connections are still taken for as long as a Service may send some.
        await asyncio.sleep(IDLE_SECONDS)
        server.close()
        await asyncio.gather(*open_connections, return_exceptions=True)
    return 3 if flaky else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
