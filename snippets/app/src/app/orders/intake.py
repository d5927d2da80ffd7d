"""The HTTP interface of orders: take one in once, and tell what became of it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, HTTPException, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Receive, Scope, Send

from app.orders.audit import Audit
from app.orders.model import Order, Side
from app.orders.store import LOST, KeyReusedError, Store
from app.orders.wake import Wake

Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
Amount = Annotated[Decimal, Field(gt=0, max_digits=20, decimal_places=8)]


class OrderRequest(BaseModel):
    """What a client asks for."""

    model_config = ConfigDict(extra="forbid")

    symbol: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,20}$")]
    side: Side
    quantity: Amount
    price: Amount


def router(store: Store, wake: Wake, audit: Audit) -> APIRouter:
    """The routes of orders (App document 7.4)."""
    routes = APIRouter(tags=["orders"])

    # --8<-- [start:post]
    @routes.post("/orders", status_code=201)
    async def take(request: OrderRequest, key: Key, response: Response) -> dict[str, str]:
        """The same key and body get the same answer, 201 the first time and 200 after; another body gets 422."""
        try:
            order, new = await store.add(key, request.symbol, request.side, request.quantity, request.price)
        except KeyReusedError as error:
            raise HTTPException(422, "this Idempotency-Key belongs to another order") from error
        except LOST as error:
            raise HTTPException(503, "try again", {"Retry-After": "1"}) from error
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
    async def events(order_id: UUID) -> list[dict[str, Any]]:
        return await store.events(order_id)

    @routes.get("/positions")
    async def positions() -> dict[str, str]:
        return {symbol: format(quantity, "f") for symbol, quantity in (await store.positions()).items()}

    @routes.get("/audit")
    async def trail() -> StreamingResponse:
        return _Released(_lines(store), media_type="application/x-ndjson")

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


class _Released(StreamingResponse):
    """Ends its source with itself: a reader that leaves would hold the connection until the garbage is collected."""

    body_iterator: AsyncGenerator[str, None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.body_iterator.aclose()


async def _lines(store: Store) -> AsyncGenerator[str, None]:
    async with aclosing(store.trail()) as chunks:
        async for chunk in chunks:
            yield "".join(json.dumps(line, default=str) + "\n" for line in chunk)
