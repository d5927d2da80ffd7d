"""The HTTP interface of ticks: the newest of a symbol, and what is missing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query

from app.ticks.store import Store

PAGE_GAPS = 1000


# --8<-- [start:latest]
def router(store: Store) -> APIRouter:
    """The routes of ticks: what any replica answers from the database, also one that does not write."""
    routes = APIRouter(tags=["ticks"])

    @routes.get("/latest/{symbol}")
    async def latest(symbol: Annotated[str, Path(pattern=r"^[A-Z0-9]{1,20}$")]) -> dict[str, Any]:
        row = await store.latest(symbol)
        if row is None:
            raise HTTPException(404, "no tick of this symbol")
        return _written(row)

    @routes.get("/gaps")
    async def gaps(after: Annotated[int, Query(ge=0, lt=2**63)] = 0) -> list[dict[str, Any]]:
        return [_written(row) for row in await store.gaps(after, PAGE_GAPS)]

    return routes


def _written(row: dict[str, Any]) -> dict[str, Any]:
    """As JSON keeps it: a price as text, to the last digit; a time with its zone."""
    return {name: _text(value) for name, value in row.items()}


# --8<-- [end:latest]


def _text(value: object) -> object:
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat()
    return value
