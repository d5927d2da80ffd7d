"""Large data in chunks."""

import tracemalloc
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.shared.chunks import chunked


class Rows:
    """A table that counts how many of its rows were fetched."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.fetched = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Each row is a kilobyte of its own."""
        for number in range(self.count):
            self.fetched += 1
            yield number.to_bytes(4, "big") * 256


@pytest.mark.rule("RES006")
@settings(deadline=None)
@given(count=st.integers(0, 50), size=st.integers(1, 12))
async def test_every_row_comes_once_and_in_order(count: int, size: int) -> None:
    """The chunks put together are the rows; all but the last are full, none is empty."""
    chunks = [chunk async for chunk in chunked(Rows(count), size)]
    assert [row for chunk in chunks for row in chunk] == [row async for row in Rows(count)]
    assert [len(chunk) for chunk in chunks] == [size] * (count // size) + [count % size] * (count % size > 0)


@pytest.mark.rule("RES006")
async def test_no_row_is_fetched_before_it_is_needed() -> None:
    """A consumer that stops after the first chunk has fetched one chunk."""
    rows = Rows(1000)
    chunks = chunked(rows, 10)
    await anext(chunks)
    assert rows.fetched == 10


@pytest.mark.rule("RES006")
async def test_memory_is_that_of_a_chunk_not_of_the_table() -> None:
    """Twenty megabytes go through a fraction of a megabyte."""
    tracemalloc.start()
    total = 0
    async for chunk in chunked(Rows(20_000), 100):
        total += len(chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == 20_000
    assert peak < 1_000_000


async def test_a_chunk_of_nothing_is_refused() -> None:
    """A size below one would never end."""
    with pytest.raises(ValueError, match=r"^a chunk holds at least one row$"):
        await anext(chunked(Rows(1), 0))
