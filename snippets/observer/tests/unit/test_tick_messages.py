"""What the source says is read strictly: a number is as it was sent, and what is no message is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.ticks.messages import Heartbeat, Held, MessageError, Tick, read

AT = datetime(2026, 1, 1, tzinfo=UTC)
TICK = {"type": "tick", "seq": 7, "symbol": "AAPL", "price": "10.10", "quantity": "3", "at": AT.isoformat()}


def frame(**changes: object) -> bytes:
    """A tick's frame with some of its fields changed."""
    return json.dumps(TICK | changes).encode()


@pytest.mark.rule("TRD011")
@pytest.mark.parametrize("price", ['"0.12345678"', "0.12345678", '"123456789012.12345678"', "123456789012.12345678"])
def test_a_price_keeps_every_digit_as_text_and_as_number(price: str) -> None:
    """It never becomes a float."""
    read_price = read(frame(price="*").replace(b'"*"', price.encode()))
    assert isinstance(read_price, Tick)
    assert read_price.price == Decimal(price.strip('"'))


def test_each_kind_of_message_is_told_by_its_type() -> None:
    """What the source holds, a tick, a heartbeat."""
    held = read(b'{"type": "held", "oldest": 3, "newest": 9, "at": "2026-01-01T00:00:00Z"}')
    beat = read(b'{"type": "heartbeat", "newest": 9, "at": "2026-01-01T00:00:00Z"}')
    tick = read(frame())
    assert held == Held(type="held", oldest=3, newest=9, at=AT)
    assert beat == Heartbeat(type="heartbeat", newest=9, at=AT)
    assert tick == Tick(type="tick", seq=7, symbol="AAPL", price=Decimal("10.10"), quantity=Decimal(3), at=AT)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"type": "tick", "seq": ',
        frame(type="trade"),
        frame(seq=-1),
        frame(seq=1.5),
        frame(seq=2**63),
        frame(price="NaN"),
        frame(price="1e3"),
        frame(price=0),
        frame(price="-1"),
        frame(price=True),
        frame(quantity=None),
        frame(symbol="a b"),
        frame(symbol="A" * 21),
        frame(at="yesterday"),
        frame(at="2026-01-01T00:00:00"),
        frame().replace(b'"seq": 7', b'"seq": 7, "seq": 8'),
    ],
)
def test_what_is_no_message_is_refused_and_not_quoted(wrong: bytes) -> None:
    """The error tells how long it was, no more."""
    with pytest.raises(MessageError, match=rf"^a frame of {len(wrong)} bytes is no message of the stream$"):
        read(wrong)
