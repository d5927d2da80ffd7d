"""A body is read as it was sent, or refused with a reason that quotes nothing of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.shared.strict_json import parse


def test_numbers_keep_every_digit() -> None:
    """Neither a fraction nor a whole number becomes a float."""
    parsed = parse(b'{"price": 0.10000000000000000001, "quantity": 100000000000000000000001, "side": "buy"}')
    assert parsed == {
        "price": Decimal("0.10000000000000000001"),
        "quantity": Decimal("100000000000000000000001"),
        "side": "buy",
    }
    assert {type(parsed[key]) for key in ("price", "quantity")} == {Decimal}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff", "the body is not UTF-8"),
        (b"{", "the body is not JSON"),
        (b"", "the body is not JSON"),
        (b"[" * 100_000, "the body is nested too deeply"),
        (b"1e9999999999999999999999", "the body has a number that is too large"),
        (b"NaN", "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b'{"a": 1, "a": 1}', "the body has a key twice"),
        (b'{"a": {"b": 1, "b": 2}}', "the body has a key twice"),
    ],
    ids=["bytes", "half", "nothing", "deep", "large", "nan", "infinity", "twice", "twice-below"],
)
def test_what_json_does_not_have_is_refused(body: bytes, reason: str) -> None:
    """With one sentence, and without the error of the parser, which quotes the body."""
    with pytest.raises(ValueError, match=f"^{reason}$") as caught:
        parse(body)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
