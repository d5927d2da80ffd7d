"""The HTTP interface of orders: take one in once, and tell what became of it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from app.orders.audit import Audit
from app.orders.model import Order, Side
from app.orders.store import FIRST, KeyReusedError, Store
from app.orders.wake import Wake
from app.shared.chunks import chunked
from app.shared.strict_json import parse

PAGE_LINES = 10_000
"""Of the audit trail, in one answer: few enough for a request deadline."""
CHUNK_LINES = 1000
AFTER = r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9]{1,9})?$"
"""`order_id:seq` of the last line that a reader has."""


# --8<-- [start:amount]
def _amount(value: object) -> Decimal:
    """A JSON number, or its text in plain digits; never a float, which would round it (App document 7.4)."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,40}(\.[0-9]{1,40})?", value):
        return Decimal(value)
    if isinstance(value, Decimal):
        return value
    raise ValueError("must be a decimal number")


Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
Amount = Annotated[Decimal, BeforeValidator(_amount), Field(gt=0, max_digits=20, decimal_places=8)]


class OrderRequest(BaseModel):
    """What a client asks for."""

    model_config = ConfigDict(extra="forbid")

    symbol: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,20}$")]
    side: Side
    quantity: Amount
    price: Amount


async def asked_for(request: Request) -> OrderRequest:
    """The order in the body; an error of the client is told to it and quotes nothing."""
    try:
        return OrderRequest.model_validate(parse(await request.body()))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError(found) from error
    except ValueError as error:
        raise RequestValidationError([{"loc": ("body",), "msg": str(error)}]) from error


# --8<-- [end:amount]


def router(store: Store, wake: Wake, audit: Audit) -> APIRouter:
    """The routes of orders (App document 7.4)."""
    routes = APIRouter(tags=["orders"])

    # --8<-- [start:post]
    @routes.post("/orders", status_code=201)
    async def take(asked: Annotated[OrderRequest, Depends(asked_for)], key: Key, response: Response) -> dict[str, str]:
        """The same key and body get the same answer, 201 the first time and 200 after; another body gets 422."""
        try:
            order, new = await store.add(key, asked.symbol, asked.side, asked.quantity, asked.price)
        except KeyReusedError as error:
            raise HTTPException(422, "this Idempotency-Key belongs to another order") from error
        if new:
            audit.record("accepted", order)
            await wake.notify()
        else:
            response.status_code = 200
        response.headers["Location"] = f"/orders/{order.id}"
        return receipt(order)

    # --8<-- [end:post]

    @routes.get("/orders/{order_id}")
    async def show(order_id: UUID) -> dict[str, Any]:
        order = await store.get(order_id)
        if order is None:
            raise HTTPException(404, "no such order")
        return receipt(order) | {
            "status": order.status,
            "filled": format(order.filled, "f"),
            "exchange_id": order.exchange_id,
            "reason": order.reason,
        }

    @routes.get("/orders/{order_id}/events")
    async def events(order_id: UUID, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0) -> list[dict[str, Any]]:
        return await store.events(order_id, after, CHUNK_LINES)

    @routes.get("/positions")
    async def positions() -> dict[str, str]:
        return {symbol: format(quantity, "f") for symbol, quantity in (await store.positions()).items()}

    @routes.get("/audit")
    async def trail(after: Annotated[str, Query(pattern=AFTER)] = "") -> StreamingResponse:
        order_id, _, seq = after.rpartition(":")
        pieces = _pieces(store.trail(UUID(order_id) if order_id else FIRST, int(seq or 0), PAGE_LINES, CHUNK_LINES))
        first = await anext(pieces, "")  # before the answer begins: a database that is away is a 503 yet
        return StreamingResponse(_from(first, pieces), media_type="application/x-ndjson")

    return routes


def receipt(order: Order) -> dict[str, str]:
    """What never changes about an order, so that a repeated request gets the same answer."""
    return {
        "id": str(order.id),
        "symbol": order.symbol,
        "side": order.side,
        "quantity": format(order.quantity, "f"),
        "price": format(order.price, "f"),
        "created_at": order.created_at.isoformat(),
    }


async def _pieces(lines: AsyncIterator[dict[str, Any]]) -> AsyncIterator[str]:
    async for chunk in chunked(lines, CHUNK_LINES):
        yield "".join(json.dumps(line, default=str) + "\n" for line in chunk)


async def _from(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for piece in rest:
        yield piece
