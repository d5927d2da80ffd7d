"""Amounts as Kubernetes writes them, `250m` or `1Gi`, as numbers that can be added and compared."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_DECIMAL = {"n": "1e-9", "u": "1e-6", "m": "1e-3", "k": "1e3", "M": "1e6", "G": "1e9", "T": "1e12", "P": "1e15"}


def number(amount: str | int | float) -> Decimal:
    """The number that an amount is; raises ValueError."""
    text = str(amount)
    for suffix, factor in _BINARY.items():
        if text.endswith(suffix):
            return _decimal(text[: -len(suffix)]) * factor
    if text[-1:] in _DECIMAL:
        return _decimal(text[:-1]) * Decimal(_DECIMAL[text[-1]])
    return _decimal(text)


def written(value: Decimal, like: str = "") -> str:
    """A number as an amount, in binary steps where `like` is written so, else in decimal ones."""
    if like[-1:] == "i" or (not like and value >= 2**10 and value % 2**10 == 0):
        for suffix, factor in reversed(_BINARY.items()):
            if value and value % factor == 0:
                return f"{int(value / factor)}{suffix}"
    if value == value.to_integral_value():
        return str(int(value))
    return f"{int(value * 1000)}m"


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not an amount such as 250m or 1Gi") from error
