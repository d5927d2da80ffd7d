"""JSON as it was sent: nothing rounded, nothing dropped, nothing that JSON does not have."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any


# --8<-- [start:parse]
def parse(body: bytes) -> Any:
    """The value, its numbers as `Decimal`; raises ValueError with a reason that quotes nothing of the body."""
    try:
        return json.loads(
            body.decode(), parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number, object_pairs_hook=_once
        )
    except UnicodeDecodeError:
        raise ValueError("the body is not UTF-8") from None
    except json.JSONDecodeError:
        raise ValueError("the body is not JSON") from None
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None
    except InvalidOperation:
        raise ValueError("the body has a number that is too large") from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers of one body must not see two different orders: one takes the first of two keys, one the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the body has a key twice")
    return found


# --8<-- [end:parse]
