"""The stream of fills, from a server on loopback that says what a script says (App document 7.3)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from app.orders.audit import Audit
from app.orders.fills import FillStream, GapError
from app.orders.model import Fill, Order, Side, Status
from app.orders.store import Store
from fixtures.trail import Trail

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = Order(
    UUID(int=7), "k", "AAPL", Side.BUY, Decimal(4), Decimal(10), Status.PLACED,
    Decimal(0), "x-1", None, None, NOW, 1, 3, NOW,
)  # fmt: skip


def told(seq: int) -> dict[str, Any]:
    """A fill, as the exchange tells of it."""
    return {
        "type": "fill",
        "seq": seq,
        "client_order_id": str(ORDER.id),
        "exchange_id": "x-1",
        "quantity": "1.50",
        "price": "10.25",
    }


def alive(seq: int) -> dict[str, Any]:
    """A heartbeat: the last fill was number `seq`."""
    return {"type": "heartbeat", "seq": seq}


def stored(seq: int) -> Fill:
    """The fill, as the database gets it."""
    return Fill(seq, ORDER.id, "x-1", Decimal("1.50"), Decimal("10.25"))


class Orders:
    """A store that holds the fills up to `last`, and keeps those that it gets; all are of one order, if it is ours."""

    def __init__(self) -> None:
        self.last = 0
        self.ours = True
        self.fills: list[Fill] = []

    async def last_fill(self) -> int:
        """Where the database is."""
        return self.last

    async def fill(self, fill: Fill) -> Order | None:
        """Count it."""
        self.fills.append(fill)
        return replace(ORDER, filled=fill.quantity) if self.ours else None


class Parts:
    """An exchange that says its script and ends the connection, or falls silent; and what follows it."""

    def __init__(self) -> None:
        self.store, self.audit = Orders(), Trail()
        self.script: list[dict[str, Any]] = []
        self.silent = False
        self.asked: list[tuple[str, str | None]] = []
        self.url = ""
        self.stream: FillStream

    async def serve(self, connection: ServerConnection) -> None:
        """One connection."""
        assert connection.request is not None
        self.asked.append((connection.request.path, connection.request.headers.get("X-API-Key")))
        for message in self.script:
            await connection.send(json.dumps(message))
        if self.silent:
            await connection.wait_closed()

    async def follow(self, error: type[Exception] = ConnectionClosed) -> None:
        """Follow one connection until it ends with this error."""
        async with asyncio.timeout(10):
            with pytest.raises(error) as raised:
                async with self.stream.connect() as connection:
                    await self.stream.follow(connection)
        self.error = raised.value


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    """The server, and a stream that is attached to it."""
    parts = Parts()
    async with serve(parts.serve, "127.0.0.1", 0) as server:
        parts.url = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        parts.stream = stream_of(parts, parts.url)
        yield parts


def stream_of(parts: Parts, endpoint: str, **options: float) -> FillStream:
    """A stream of this endpoint."""
    return FillStream(cast(Store, parts.store), cast(Audit, parts.audit), endpoint, "k3y-two", **options)


async def test_a_fill_is_counted_and_told_of(parts: Parts) -> None:
    """All of it goes into the database; log and metrics hear of the order as it is then."""
    parts.script = [told(1)]
    await parts.follow()
    assert parts.store.fills == [stored(1)]
    order = replace(ORDER, filled=Decimal("1.50"))
    assert parts.audit.records == [("fill", order, {"quantity": "1.50", "exchange_seq": 1})]


@pytest.mark.rule("RES001", "TWF005")
async def test_the_stream_is_taken_up_after_the_last_fill_of_the_database(parts: Parts) -> None:
    """The exchange hears where to begin, and whose stream it is."""
    parts.store.last = 41
    await parts.follow()
    assert parts.asked == [("/stream?after=41", "k3y-two")]


async def test_a_new_database_begins_with_the_first_fill(parts: Parts) -> None:
    """Nothing is skipped."""
    await parts.follow()
    assert parts.asked[0][0] == "/stream?after=0"


async def test_fills_that_are_not_ours_are_not_asked_for_again(parts: Parts) -> None:
    """The database does not know them, so the process remembers; nobody is told of them."""
    parts.store.ours = False
    parts.script = [told(1), told(2)]
    await parts.follow()
    parts.script = []
    await parts.follow()
    assert parts.asked[1][0] == "/stream?after=2"
    assert parts.audit.records == []


async def test_an_endpoint_with_a_path_keeps_it(parts: Parts) -> None:
    """Only the scheme of the URL changes, whatever else is in it."""
    parts.stream = stream_of(parts, f"{parts.url}/http/v1")
    await parts.follow()
    assert parts.asked[0][0] == "/http/v1/stream?after=0"


@pytest.mark.rule("TRD003")
async def test_a_fill_that_is_known_is_not_counted_again(parts: Parts) -> None:
    """A repeated report is passed over, and what comes after it is counted."""
    parts.store.last = 1
    parts.script = [told(1), told(2), told(2), told(1), told(3)]
    await parts.follow()
    assert parts.store.fills == [stored(2), stored(3)]


@pytest.mark.rule("TRD002", "TRD003", "RUN001")
@pytest.mark.parametrize("skipped_to", [told(5), alive(4)], ids=["fill", "heartbeat"])
async def test_a_skipped_fill_is_noticed(parts: Parts, skipped_to: dict[str, Any]) -> None:
    """By the next fill, or by the next heartbeat; what comes after the gap is not counted."""
    parts.store.last = 2
    parts.script = [told(3), skipped_to]
    await parts.follow(GapError)
    assert str(parts.error) == "fill 4 is missing"
    assert parts.store.fills == [stored(3)]


async def test_heartbeats_are_not_counted(parts: Parts) -> None:
    """Between fills, and behind them, they change nothing."""
    parts.script = [alive(0), told(1), alive(1), alive(0), told(2)]
    await parts.follow()
    assert parts.store.fills == [stored(1), stored(2)]


@pytest.mark.rule("RES007")
async def test_an_exchange_that_answers_no_handshake_is_given_up(parts: Parts) -> None:
    """The connection is taken, and nothing is said."""
    released = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        parts.stream = stream_of(parts, url, silence_seconds=0.1)
        await parts.follow(TimeoutError)
        released.set()


@pytest.mark.rule("RUN001", "RUN004", "RES007")
async def test_silence_ends_the_connection(parts: Parts) -> None:
    """A connection that looks alive but says nothing is not waited for."""
    parts.silent = True
    parts.stream = stream_of(parts, parts.url, silence_seconds=0.3)
    await parts.follow(TimeoutError)
