"""The HTTP client against a real server on loopback that drips, hangs, resets and answers with errors."""

import asyncio
import inspect
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest

from app.shared.breaker import CircuitBreaker, CircuitOpenError, State
from app.shared.client import ServiceClient
from app.shared.errors import PermanentError, TransientError
from app.shared.retry import RetryBudget

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def status(code: int, *headers: str) -> Answer:
    """An answer with this status and the body `body`."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {code} X", "Content-Length: 4", *headers, "", "body"]
        writer.write("\r\n".join(lines).encode())

    return answer


async def hang(writer: asyncio.StreamWriter) -> None:
    """No answer at all."""
    await asyncio.Event().wait()


async def drip(writer: asyncio.StreamWriter) -> None:
    """A byte of the body now and then, for ever: no single read takes long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def reset(writer: asyncio.StreamWriter) -> None:
    """The connection is reset in place of an answer."""
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def cut(writer: asyncio.StreamWriter) -> None:
    """The body ends before its announced length."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    writer.close()


async def garbage(writer: asyncio.StreamWriter) -> None:
    """Not HTTP."""
    writer.write(b"\x00\x01\x02\r\n\r\n")
    writer.close()


class Service:
    """A server that answers by script, the last answer for ever, and remembers what it was asked."""

    def __init__(self) -> None:
        self.script: list[Answer] = [status(200)]
        self.requests: list[str] = []
        self.connections = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive until either side ends it."""
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                fields = dict(line.split(": ", 1) for line in head.decode().strip().split("\r\n")[1:])
                body = await reader.readexactly(int(fields.get("Content-Length", fields.get("content-length", "0"))))
                self.requests.append((head + body).decode())
                answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                await answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def keys(self) -> list[str | None]:
        """The idempotency key of every request, in order."""
        found: list[str | None] = []
        for request in self.requests:
            lines = request.split("\r\n")
            found.append(next((line[17:] for line in lines if line.lower().startswith("idempotency-key: ")), None))
        return found


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A service on a free port of the loopback interface."""
    service = Service()
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(service.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield service
    server.close()
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def client_of(
    service: Service,
    *,
    attempt: float = 5.0,
    total: float = 20.0,
    attempts: int = 4,
    connections: int = 20,
    budget: float = 100,
) -> AsyncIterator[ServiceClient]:
    """A client of the service, closed at the end."""
    breaker = CircuitBreaker("exchange", min_calls=5)
    async with ServiceClient(
        service.url,
        breaker=breaker,
        budget=RetryBudget(capacity=budget),
        attempt_seconds=attempt,
        total_seconds=total,
        attempts=attempts,
        max_connections=connections,
        headers={"X-Api-Key": "k"},
    ) as client:
        yield client


async def test_a_good_answer_is_returned_with_its_body(service: Service) -> None:
    """The caller gets status and body, the service method, path, query, JSON and the client's headers."""
    async with client_of(service) as client:
        response = await client.request("PUT", "/orders/1", json={"side": "buy"}, params={"dry": "yes"})
    assert (response.status_code, response.text) == (200, "body")
    (request,) = service.requests
    assert request.startswith("PUT /orders/1?dry=yes HTTP/1.1\r\n")
    assert "X-Api-Key: k\r\n" in request
    assert request.endswith('\r\n\r\n{"side":"buy"}')


def test_the_defaults_leave_room_for_a_retry() -> None:
    """Two seconds an attempt, six together, four attempts, twenty connections."""
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(ServiceClient.__init__).parameters.items()
        if isinstance(parameter.default, int | float)
    }
    assert defaults == {"attempt_seconds": 2.0, "total_seconds": 6.0, "attempts": 4, "max_connections": 20}


@pytest.mark.rule("RES007")
async def test_only_the_deadline_bounds_a_call(service: Service) -> None:
    """No timeout of the library, which counts each phase anew, ends a call that may take longer."""
    async with client_of(service) as client:
        timeout = client._http.timeout
    assert (timeout.connect, timeout.read, timeout.write, timeout.pool) == (None, None, None, None)


@pytest.mark.rule("RES011")
async def test_calls_share_one_connection(service: Service) -> None:
    """Twenty calls one after the other need one connection."""
    async with client_of(service) as client:
        for _ in range(20):
            await client.request("GET", "/")
    assert (len(service.requests), service.connections) == (20, 1)


@pytest.mark.rule("RES011")
async def test_the_pool_is_bounded(service: Service) -> None:
    """Fifty calls at once use no more connections than allowed, and all are answered."""
    async with client_of(service, connections=3) as client:
        answers = await asyncio.gather(*(client.request("GET", "/") for _ in range(50)))
    assert [answer.status_code for answer in answers] == [200] * 50
    assert service.connections <= 3


@pytest.mark.rule("RES008")
@pytest.mark.parametrize("code", [*range(300, 309), *range(400, 432), 451, *range(500, 512)])
async def test_an_http_error_is_never_a_result(service: Service, code: int) -> None:
    """Whatever the code, the caller has an error in place of an answer."""
    service.script = [status(code, "Location: /elsewhere")]
    async with client_of(service, attempts=1) as client:
        with pytest.raises((TransientError, PermanentError)):
            await client.request("GET", "/quote")


@pytest.mark.rule("RES008", "RES024")
async def test_an_http_error_is_no_result_for_the_breaker(service: Service) -> None:
    """A service that answers 503 to every call is left alone."""
    service.script = [status(503)]
    async with client_of(service, attempts=1) as client:
        for _ in range(5):
            with pytest.raises(TransientError):
                await client.request("GET", "/quote")
        assert client.breaker.state is State.OPEN


@pytest.mark.rule("TRD006")
@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
async def test_a_passing_http_error_is_a_transient_error(service: Service, code: int) -> None:
    """Its body is not taken for a result."""
    service.script = [status(code)]
    async with client_of(service, attempts=1) as client:
        with pytest.raises(TransientError, match=rf"^/quote: {code}$"):
            await client.request("GET", "/quote")


@pytest.mark.rule("RES009", "TRD006")
@pytest.mark.parametrize("code", [301, 400, 401, 404, 409, 422, 501])
async def test_a_lasting_http_error_is_a_permanent_error(service: Service, code: int) -> None:
    """It is not tried again, and the caller learns the status."""
    service.script = [status(code, "Location: /elsewhere")]
    async with client_of(service) as client:
        with pytest.raises(PermanentError, match=rf"^/quote: {code}$") as refused:
            await client.request("GET", "/quote")
    assert (refused.value.status, len(service.requests)) == (code, 1)


@pytest.mark.rule("RES007")
@pytest.mark.parametrize("fault", [hang, drip])
async def test_an_attempt_ends_at_its_deadline(service: Service, fault: Answer) -> None:
    """A body that drips is cut off like an answer that never begins: the deadline is for the whole."""
    service.script = [fault]
    async with client_of(service, attempt=0.1, attempts=1) as client, asyncio.timeout(10):
        with pytest.raises(TransientError, match=r"^/: no whole answer in 0.1 s$"):
            await client.request("GET", "/")


@pytest.mark.rule("RES007")
async def test_all_attempts_together_end_at_the_total_deadline(service: Service) -> None:
    """With time for a thousand attempts in number, the total deadline still ends the call."""
    service.script = [hang]
    async with client_of(service, attempt=0.05, total=0.2, attempts=1000) as client, asyncio.timeout(10):
        with pytest.raises((TimeoutError, TransientError, CircuitOpenError)):
            await client.request("GET", "/")
    assert len(service.requests) <= 4


@pytest.mark.rule("RES007")
async def test_waiting_for_a_connection_is_inside_the_deadline(service: Service) -> None:
    """A pool that others have emptied does not hold a call up for ever."""
    service.script = [hang]
    async with client_of(service, attempt=0.1, attempts=1, connections=1) as client, asyncio.timeout(10):
        results = await asyncio.gather(*(client.request("GET", "/") for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [TransientError] * 3


@pytest.mark.rule("RUN004")
async def test_calls_that_were_given_up_release_their_connections(service: Service) -> None:
    """After two rounds of deadlines in a pool of two the next call is answered."""
    service.script = [drip] * 4 + [status(200)]
    async with client_of(service, attempt=0.3, attempts=1, connections=2) as client:
        for _ in range(2):
            results = await asyncio.gather(*(client.request("GET", "/") for _ in range(2)), return_exceptions=True)
            assert [type(result) for result in results] == [TransientError] * 2
        assert (await client.request("GET", "/")).status_code == 200


@pytest.mark.rule("RUN004")
@pytest.mark.parametrize("fault", [status(404), status(503), cut, garbage])
async def test_calls_that_failed_release_their_connections(service: Service, fault: Answer) -> None:
    """After five errors in a pool of one the next call is answered."""
    service.script = [fault] * 5 + [status(200)]
    async with client_of(service, attempts=1, connections=1) as client:
        client.breaker = CircuitBreaker("exchange", min_calls=1000)
        for _ in range(5):
            with pytest.raises((TransientError, PermanentError)):
                await client.request("GET", "/")
        assert (await client.request("GET", "/")).status_code == 200


@pytest.mark.rule("RUN004", "TRD002")
@pytest.mark.parametrize("cancelled", [False, True])
async def test_the_pool_outlives_calls_that_were_given_up(service: Service, cancelled: bool) -> None:
    """Five calls fight for one connection and all give up, at the deadline or with their callers; the next is answered.

    httpx 0.28 with httpcore 1.0.9 loses a connection for good here, and one by one the whole pool.
    """
    service.script = [hang]
    async with client_of(service, attempt=60 if cancelled else 0.1, attempts=1, connections=1) as client:
        client.breaker = CircuitBreaker("exchange", min_calls=1000)
        calls = [asyncio.ensure_future(client.request("GET", "/")) for _ in range(5)]
        await asyncio.sleep(0.02)
        for call in calls:
            if cancelled:
                call.cancel()
        given_up = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(error) for error in given_up} == {asyncio.CancelledError if cancelled else TransientError}
        service.script = [status(200)]
        client._attempt_seconds = 10
        assert (await client.request("GET", "/")).status_code == 200


@pytest.mark.rule("RES008", "RES009")
@pytest.mark.parametrize("fault", [reset, cut, garbage, status(503)])
async def test_a_broken_connection_is_tried_again(service: Service, fault: Answer) -> None:
    """Resets, half bodies and passing errors cost an idempotent call nothing but time."""
    service.script = [fault, status(200)]
    async with client_of(service) as client:
        assert (await client.request("GET", "/")).status_code == 200
    assert len(service.requests) == 2


@pytest.mark.rule("RES009", "TRD006")
async def test_a_refused_connection_is_a_transient_error(service: Service) -> None:
    """The error names the kind, and the cause is kept."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        service.url = f"http://127.0.0.1:{free.getsockname()[1]}"
    async with client_of(service, attempts=2) as client:
        with pytest.raises(TransientError, match=r"^/quote: ConnectError$") as raised:
            await client.request("GET", "/quote")
    assert isinstance(raised.value.__cause__, httpx2.ConnectError)


@pytest.mark.rule("RES003", "RES009", "TRD008")
async def test_a_keyed_post_is_tried_again_with_the_same_key(service: Service) -> None:
    """The service can tell the second attempt from a second order."""
    service.script = [reset, status(503), status(200)]
    async with client_of(service) as client:
        await client.request("POST", "/orders", key="order-1", json={})
    assert service.keys() == ["order-1", "order-1", "order-1"]


@pytest.mark.rule("RES009", "TRD008")
@pytest.mark.parametrize(("method", "calls"), [("POST", 1), ("PATCH", 1), ("GET", 2), ("PUT", 2), ("DELETE", 2)])
async def test_only_idempotent_methods_are_tried_again_without_a_key(service: Service, method: str, calls: int) -> None:
    """A POST whose answer was lost may have taken effect."""
    service.script = [reset]
    async with client_of(service, attempts=2) as client:
        with pytest.raises(TransientError):
            await client.request(method, "/orders")
    assert (len(service.requests), set(service.keys())) == (calls, {None})


@pytest.mark.rule("RES021", "RES023")
@pytest.mark.parametrize("fault", [reset, cut, garbage, status(503), status(429, "Retry-After: 0")])
@pytest.mark.parametrize(("method", "key"), [("GET", None), ("POST", "k")])
async def test_one_call_makes_the_set_number_of_attempts(
    service: Service, fault: Answer, method: str, key: str | None
) -> None:
    """Whatever goes wrong, and whatever the service asks for; no layer below adds attempts of its own."""
    service.script = [fault]
    async with client_of(service, attempts=3) as client:
        client.breaker = CircuitBreaker("exchange", min_calls=100)
        with pytest.raises(TransientError):
            await client.request(method, "/", key=key)
    assert len(service.requests) == 3


@pytest.mark.rule("RES017", "RES021", "RES023")
async def test_a_connection_that_is_refused_is_an_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library below connects once for each."""
    connects: list[object] = []
    connect = socket.socket.connect

    def counted(self: socket.socket, address: tuple[str, int]) -> None:
        connects.append(address)
        connect(self, address)

    service = Service()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        service.url = f"http://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setattr(socket.socket, "connect", counted)
    async with client_of(service, attempts=2) as client:
        with pytest.raises(TransientError):
            await client.request("GET", "/")
    assert len(connects) == 2


@pytest.mark.rule("RES022")
async def test_all_calls_share_one_retry_budget(service: Service) -> None:
    """A hundred calls to a service that fails add the ten retries they earn, and what the budget held."""
    service.script = [status(503, "Retry-After: 0")]
    async with client_of(service, budget=5, attempts=4) as client:
        client.breaker = CircuitBreaker("exchange", min_calls=10_000, window_calls=10_000)
        for _ in range(100):
            with pytest.raises(TransientError):
                await client.request("GET", "/")
    assert 100 < len(service.requests) <= 100 + 10 + 5


@pytest.mark.rule("RES010")
@pytest.mark.parametrize(("header", "expected"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)])
async def test_the_asked_wait_is_read(service: Service, header: str, expected: float | None) -> None:
    """Seconds are understood; anything else is left to the backoff."""
    service.script = [status(503, f"Retry-After: {header}")]
    async with client_of(service, attempts=1) as client:
        with pytest.raises(TransientError) as raised:
            await client.request("GET", "/")
    assert raised.value.retry_after == expected


@pytest.mark.rule("RES012", "RES015", "RES017", "RES024")
async def test_a_dead_service_is_left_alone(service: Service) -> None:
    """Five timeouts open the circuit; a hundred more calls do not reach the service."""
    service.script = [hang]
    async with client_of(service, attempt=0.2, attempts=1) as client:
        for _ in range(5):
            with pytest.raises(TransientError):
                await client.request("GET", "/")
        assert client.breaker.state is State.OPEN
        reached = len(service.requests)
        for _ in range(100):
            with pytest.raises(CircuitOpenError):
                await client.request("GET", "/")
    assert len(service.requests) == reached <= 5


@pytest.mark.rule("RES017")
async def test_the_breaker_sees_every_attempt(service: Service) -> None:
    """The retries stop in the middle when the circuit opens: four attempts, then one, then none."""
    service.script = [reset]
    async with client_of(service, attempts=4) as client:
        with pytest.raises(TransientError):
            await client.request("GET", "/")
        assert len(service.requests) == 4
        with pytest.raises(CircuitOpenError):
            await client.request("GET", "/")
    assert len(service.requests) == 5


@pytest.mark.rule("RES024")
async def test_refusals_do_not_open_the_circuit(service: Service) -> None:
    """A service that answers 404 a hundred times is well."""
    service.script = [status(404)]
    async with client_of(service) as client:
        for _ in range(100):
            with pytest.raises(PermanentError):
                await client.request("GET", "/")
        assert client.breaker.state is State.CLOSED


@pytest.mark.rule("SHD004", "RUN004")
async def test_closing_releases_the_connections(service: Service) -> None:
    """After the cleanup no connection is left, and the client is used no more."""
    async with client_of(service) as client:
        await client.request("GET", "/")
    with pytest.raises(RuntimeError, match="closed"):
        await client.request("GET", "/")
