"""What a client is told whose request is too large, wrong, or cannot be served."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.types import Receive, Scope, Send

from app.answers import BodyLimit, explain, problems
from app.shared.errors import UnavailableError
from fixtures.asgi import STARTUP, lifespan_through


async def told(app: FastAPI, path: str, **request: object) -> tuple[int, object, str | None]:
    """Status, body and Retry-After of an answer."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as http:
        answer = await http.post(path, **request)  # type: ignore[arg-type]
    return answer.status_code, answer.json(), answer.headers.get("Retry-After")


@pytest.fixture
def app() -> FastAPI:
    """An app that takes four bytes."""
    built = FastAPI()
    explain(built)
    built.add_middleware(BodyLimit, most=4)

    @built.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    @built.post("/deaf")
    async def deaf() -> str:
        return "ok"

    @built.post("/away")
    async def away() -> None:
        raise UnavailableError("the database is at 10.0.0.1")

    @built.post("/number/{number}")
    async def number(number: int) -> int:
        return number

    return built


@pytest.mark.rule("RES025")
async def test_a_body_of_the_limit_is_taken_and_one_byte_more_is_not(app: FastAPI) -> None:
    """By what it announces."""
    assert await told(app, "/length", content=b"1234") == (200, 4, None)
    assert await told(app, "/length", content=b"12345") == (413, {"detail": "the body has more than 4 bytes"}, None)


@pytest.mark.rule("RES025")
async def test_a_body_that_announces_nothing_is_counted(app: FastAPI) -> None:
    """In pieces of any size."""

    async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    assert await told(app, "/length", content=pieces(b"12", b"34")) == (200, 4, None)
    refused = (413, {"detail": "the body has more than 4 bytes"}, None)
    assert await told(app, "/length", content=pieces(b"12", b"34", b"5")) == refused


@pytest.mark.rule("RES025")
async def test_an_announced_body_is_refused_unread() -> None:
    """Not one message of it is asked for."""

    async def body(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    async def never() -> dict[str, object]:
        pytest.fail("the body was read")

    scope: Scope = {"type": "http", "headers": [(b"content-length", b"16385")]}
    with pytest.raises(Exception, match="more than 16384 bytes"):
        await BodyLimit(body)(scope, never, never)  # type: ignore[arg-type]


async def test_what_is_no_request_goes_through() -> None:
    """The start of the app has no body to count."""
    assert await lifespan_through(BodyLimit) == [STARTUP]


async def test_a_route_that_asks_for_no_body_answers_as_usual(app: FastAPI) -> None:
    """What it does not read costs nothing."""
    assert await told(app, "/deaf", content=b"12345") == (200, "ok", None)


@pytest.mark.rule("RES008")
async def test_what_is_away_is_a_503_that_names_no_address(app: FastAPI) -> None:
    """With the time to come again after."""
    assert await told(app, "/away") == (503, {"detail": "try again"}, "1")


async def test_a_wrong_value_is_named_and_not_repeated(app: FastAPI) -> None:
    """Where it is and what was wanted."""
    status, body, _ = await told(app, "/number/secret")
    assert status == 422
    wanted = "Input should be a valid integer, unable to parse string as an integer"
    assert body == {"detail": [{"loc": ["path", "number"], "msg": wanted}]}


@pytest.mark.rule("RES025")
def test_no_more_than_ten_problems_are_told_each_in_short() -> None:
    """However many there are, however long their names, and whatever characters these have."""
    found = problems([{"loc": ("body", "x" * 1000, 3, "\ud800"), "msg": "no", "input": "secret"}] * 11)
    assert found == [{"loc": ["body", "x" * 100, "3", "?"], "msg": "no"}] * 10
