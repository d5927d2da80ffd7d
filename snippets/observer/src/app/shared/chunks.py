"""Large data in pieces that fit into memory."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import TypeVar

T = TypeVar("T")


# --8<-- [start:chunked]
async def chunked(rows: AsyncIterable[T], size: int) -> AsyncIterator[list[T]]:
    """The rows in lists of at most `size`, each built only when it is asked for (App document 6.4)."""
    if size < 1:
        raise ValueError("a chunk holds at least one row")
    chunk: list[T] = []
    async for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


# --8<-- [end:chunked]
