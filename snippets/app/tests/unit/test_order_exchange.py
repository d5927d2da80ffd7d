"""The client of the exchange against a server on loopback that answers by script (App document 7.2, 7.4)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from app.config import load_settings
from app.orders.exchange import Exchange, open_exchange
from app.orders.model import Order, Side, Status
from app.shared.breaker import CircuitOpenError
from app.shared.errors import PermanentError, TransientError
from fixtures.environment import environ_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = Order(
    UUID(int=7), "k", "AAPL", Side.SELL, Decimal("4.50"), Decimal("10.25"), Status.SENDING,
    Decimal(0), None, None, "owner", NOW, 1, 2, NOW,
)  # fmt: skip
FOUND = (200, {"exchange_id": "x-1"})


class Server:
    """Answers by script, the last answer for ever, or not at all without one; remembers what it was asked."""

    def __init__(self) -> None:
        self.script: list[tuple[int, Any]] = [FOUND]
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while True:
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.requests.append((first, headers, body))
                if not self.script:
                    continue
                status, answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                content = json.dumps(answer).encode()
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(content), content))
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """The server on a free port."""
    server = Server()
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield server


async def open_to(server: Server, request_seconds: str) -> AsyncIterator[Exchange]:
    """The client, configured as the app is."""
    environ = environ_of(API_ENDPOINT=server.url, API_KEY="k3y-two", REQUEST_SECONDS=request_seconds)
    exchange = open_exchange(load_settings(environ))
    yield exchange
    await exchange.aclose()


@pytest.fixture
async def exchange(server: Server) -> AsyncIterator[Exchange]:
    """A client that has time."""
    async for opened in open_to(server, "20"):
        yield opened


@pytest.fixture
async def hurried(server: Server) -> AsyncIterator[Exchange]:
    """A client that may spend a fifth of a second on a call."""
    async for opened in open_to(server, "0.2"):
        yield opened


async def test_an_order_is_found_by_its_id(server: Server, exchange: Exchange) -> None:
    """The lookup names the order and carries the key."""
    assert await exchange.find(ORDER.id) == "x-1"
    [(line, headers, _)] = server.requests
    assert (line, headers["x-api-key"]) == (f"GET /orders/{ORDER.id} HTTP/1.1", "k3y-two")


async def test_an_order_that_is_not_there_is_not_found(server: Server, exchange: Exchange) -> None:
    """404 is an answer: the order may be sent."""
    server.script = [(404, {})]
    assert await exchange.find(ORDER.id) is None


@pytest.mark.rule("TRD008")
@pytest.mark.parametrize("status", [401, 403, 410])
async def test_any_other_refusal_of_a_lookup_is_no_answer(server: Server, exchange: Exchange, status: int) -> None:
    """Who may not look does not know that the order is not there."""
    server.script = [(status, {})]
    with pytest.raises(PermanentError) as refused:
        await exchange.find(ORDER.id)
    assert refused.value.status == status


@pytest.mark.rule("RES009")
async def test_a_lookup_is_made_again(server: Server, exchange: Exchange) -> None:
    """It changes nothing, so a passing error costs only time."""
    server.script = [(503, {}), FOUND]
    assert await exchange.find(ORDER.id) == "x-1"
    assert len(server.requests) == 2


@pytest.mark.rule("RES023")
async def test_a_lookup_is_made_as_often_as_the_client_tries(server: Server, exchange: Exchange) -> None:
    """No loop above the client's own adds to it."""
    server.script = [(503, {})]
    with pytest.raises(TransientError):
        await exchange.client.request("GET", "/orders/any")
    tries = len(server.requests)
    with pytest.raises(TransientError):
        await exchange.find(ORDER.id)
    assert len(server.requests) == 2 * tries


@pytest.mark.rule("RES007")
async def test_one_attempt_takes_half_of_a_request_at_most(server: Server, hurried: Exchange) -> None:
    """So a second one has room; both together take no longer than the request may."""
    server.script = []
    with pytest.raises((TransientError, TimeoutError)):
        await hurried.find(ORDER.id)
    assert len(server.requests) <= 2
    with pytest.raises(TransientError, match=r"^/orders: no whole answer in 0.1 s$"):
        await hurried.submit(ORDER, 1234.5)


@pytest.mark.rule("RES012", "RES015", "RES016", "RES017")
async def test_an_exchange_that_fails_mostly_is_left_alone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls of three fail: soon none is made any more, not even when the wall clock jumps."""
    clock = SimpleNamespace(now=NOW.timestamp())
    monkeypatch.setattr(time, "time", lambda: clock.now)
    server.script = [(503, {}), (503, {}), FOUND] * 40
    async for exchange in open_to(server, "20"):
        for _ in range(100):
            with suppress(TransientError, CircuitOpenError):
                await exchange.client.request("POST", "/orders")
        reached = len(server.requests)
        with pytest.raises(CircuitOpenError):
            exchange.find(ORDER.id).send(None)  # a lookup does not wait for better times either
        for clock.now in (NOW.timestamp() + 86_400, NOW.timestamp() - 86_400):
            with pytest.raises(CircuitOpenError):
                await exchange.client.request("POST", "/orders")
        assert len(server.requests) == reached < 100


async def test_the_circuit_says_whose_it_is(
    server: Server, exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the exchange when its circuit opens."""
    server.script = [(503, {})]
    for _ in range(10):
        with pytest.raises(TransientError):
            await exchange.client.request("POST", "/orders")
    assert caplog.messages == ["circuit exchange: closed -> open"]


@pytest.mark.rule("TRD008", "TRD011")
async def test_an_order_is_submitted_as_it_is_and_once(server: Server, exchange: Exchange) -> None:
    """Under the id that the lookup uses, with exact numbers, valid until the time that it was given."""
    server.script = [(201, {"exchange_id": "x-2"})]
    assert await exchange.submit(ORDER, 1234.5) == "x-2"
    [(line, headers, body)] = server.requests
    assert (line, headers["x-api-key"]) == ("POST /orders HTTP/1.1", "k3y-two")
    assert json.loads(body) == {
        "client_order_id": str(ORDER.id),
        "symbol": "AAPL",
        "side": "sell",
        "quantity": "4.50",
        "price": "10.25",
        "valid_until": 1234.5,
    }


@pytest.mark.rule("TRD008")
async def test_a_submission_is_not_made_again(server: Server, exchange: Exchange) -> None:
    """After an error only the worker may, when it has looked."""
    server.script = [(503, {}), FOUND]
    with pytest.raises(TransientError, match=r"^/orders: 503$"):
        await exchange.submit(ORDER, 1234.5)
    assert len(server.requests) == 1


@pytest.mark.rule("TRD010")
async def test_the_time_is_the_exchanges(server: Server, exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for once a minute, and anew when a submission has failed; no wall clock of ours has a part in it."""
    monkeypatch.setattr(time, "time", lambda: 1e12)
    now = SimpleNamespace(seconds=100.0)
    exchange._clock = lambda: now.seconds
    server.script = [(200, {"time": 5000.0}), (200, {"time": 7000}), (503, {}), (200, {"time": 9000.5})]
    shown = [await exchange.time_at(110.0), await exchange.time_at(120.0)]
    now.seconds = 161.0
    shown.append(await exchange.time_at(161.0))
    with pytest.raises(TransientError):
        await exchange.submit(ORDER, 1.0)
    shown.append(await exchange.time_at(161.0))
    assert shown == [5010.0, 5020.0, 7000.0, 9000.5]


@pytest.mark.parametrize("body", [{}, {"time": "12"}, {"time": None}, 12])
async def test_an_answer_without_a_time_is_none(server: Server, exchange: Exchange, body: Any) -> None:
    """Nothing is sent until it is known."""
    server.script = [(200, body)]
    with pytest.raises(TransientError, match=r"^the exchange's answer has no time$"):
        await exchange.time_at(1.0)


@pytest.mark.parametrize("body", [{}, {"exchange_id": None}, {"exchange_id": 7}, {"id": "x-1"}, [], "x-1"])
async def test_an_answer_without_an_id_leaves_it_open(server: Server, exchange: Exchange, body: Any) -> None:
    """A success that does not say what was placed is no success, and no refusal either."""
    server.script = [(200, body)]
    for call in (exchange.find(ORDER.id), exchange.submit(ORDER, 1234.5)):
        with pytest.raises(TransientError, match=r"^the exchange's answer has no exchange_id$"):
            await call
