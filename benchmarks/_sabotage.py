"""`python -m benchmarks._sabotage`: the order system with one safeguard taken out, to see that the proof notices.

`SABOTAGE` names the safeguard: `lock`, `lease`, `lookup` or `audit`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from uuid import UUID

from app.config import load_settings
from app.main import run
from app.orders import OrderSystem, sql
from app.orders.exchange import Exchange
from app.orders.lease import Seen, Watch


async def find_nothing(self: Exchange, order_id: UUID) -> str | None:
    """Send without asking whether the order is there already."""
    return None


def list_all(self: Watch, sending: Iterable[Seen]) -> list[Seen]:
    """Take over whatever another worker has."""
    return list(sending)


def without(statement: str, part: str) -> str:
    """The statement without a part that it must have had."""
    assert part in statement, f"{part} is not in the statement any more"
    return statement.replace(part, "")


match os.environ["SABOTAGE"]:
    case "lock":
        sql.CLAIM = without(sql.CLAIM, "FOR UPDATE SKIP LOCKED")
    case "lease":
        Watch.overdue = list_all  # type: ignore[method-assign]
    case "lookup":
        Exchange.find = find_nothing  # type: ignore[method-assign]
    case "audit":
        sql.SETTLE = sql.SETTLE.replace("RETURNING *", "RETURNING *, random() AS luck").replace(
            "FROM settled", "FROM settled WHERE luck < 0.99"
        )

if __name__ == "__main__":
    sys.exit(run(load_settings(os.environ), OrderSystem))
