"""Template functions on numbers, and lists of them."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from apparch.repository.helm.functions_text import CannotTellError
from apparch.repository.helm.traced import Items

MOST = 2_000
"""How many elements a list that a function makes may have."""


def whole(value: Any) -> int:
    """What `int` makes of a value: zero of what is no number."""
    if isinstance(value, str):
        return (
            int(value, 0)
            if re.fullmatch(r"[-+]?(0[xob]\w+|[1-9]\d{0,17}|0)", value)
            else int(value.lstrip("0") or 0)
            if re.fullmatch(r"0\d{1,17}", value)
            else 0
        )
    return int(value) if isinstance(value, int | float) else 0


def _float(value: Any) -> float:
    try:
        return float(value or 0)
    except ValueError:
        return 0.0


def _folded(apply: Callable[[int, int], int]) -> Callable[..., int]:
    def made(*values: Any) -> int:
        result = functools.reduce(apply, map(whole, values))
        if abs(result) >= 1 << 63:
            raise CannotTellError
        return result

    return made


def _divided(one: int, other: int) -> int:
    return abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)


def _round(value: Any, digits: Any, *_: Any) -> float:
    scale = 10.0 ** int(digits)
    return math.floor(_float(value) * scale + 0.5) / scale


def _steps(start: Any, stop: Any, step: Any) -> Items:
    counted = range(int(start), int(stop), int(step)) if int(step) else range(0)
    if len(counted) > MOST:
        raise CannotTellError
    return Items(counted)


def _until(stop: Any) -> Items:
    return _steps(0, stop, 1 if int(stop) >= 0 else -1)


def _seq(*values: Any) -> str:
    start, step, stop = {1: (1, 1, *values), 2: (values[0], 1, values[-1])}.get(len(values), values)
    if len(values) < 3 and int(stop) < int(start):
        step = -1
    return " ".join(map(str, _steps(start, int(stop) + (1 if int(step) > 0 else -1), step)))


KNOWN: Mapping[str, Callable[..., Any]] = {
    "until": _until,
    "untilStep": _steps,
    "seq": _seq,
    "lt": lambda one, other: one < other,
    "le": lambda one, other: one <= other,
    "gt": lambda one, other: one > other,
    "ge": lambda one, other: one >= other,
    "int": whole,
    "int64": whole,
    "atoi": whole,
    "toDecimal": lambda value: int(str(value), 8),
    "float64": _float,
    "add": _folded(lambda one, other: one + other),
    "add1": lambda value: whole(value) + 1,
    "sub": _folded(lambda one, other: one - other),
    "mul": _folded(lambda one, other: one * other),
    "div": _folded(_divided),
    "mod": lambda one, other: int(math.fmod(whole(one), whole(other))),
    "max": lambda *values: max(map(whole, values)),
    "min": lambda *values: min(map(whole, values)),
    "addf": lambda *values: math.fsum(map(_float, values)),
    "subf": lambda one, *others: _float(one) - math.fsum(map(_float, others)),
    "mulf": lambda *values: math.prod(map(_float, values)),
    "divf": lambda one, other: _float(one) / _float(other),
    "maxf": lambda *values: max(map(_float, values)),
    "minf": lambda *values: min(map(_float, values)),
    "ceil": lambda value: float(math.ceil(_float(value))),
    "floor": lambda value: float(math.floor(_float(value))),
    "round": _round,
}
"""Those that need to know all of what they are given."""
