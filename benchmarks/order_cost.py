"""What one order costs: transactions of the database and CPU time of the app, from the request to the last fill.

`python -m benchmarks.order_cost --orders 300` starts the reference app with a PostgreSQL, a Redis and an exchange of
its own and places the orders one by one. With BENCHMARK_APP=PATH the app of another edition's checkout is measured.
A transaction is a statement here: the app opens none that has two. What the app does while it is idle is measured
first and taken off.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from benchmarks._app import find

find()

from fixtures.backing import Exchange, Redis, new_database, postgres, running  # noqa: E402
from fixtures.environment import environ_of  # noqa: E402
from fixtures.process import Process  # noqa: E402

ORDER = {"symbol": "AAPL", "side": "buy", "quantity": "4", "price": "10"}
IDLE_SECONDS = 10.0


def order_cost(orders: int) -> dict[str, float]:
    """Statements and milliseconds of CPU an order, of which the app's own processes count alone."""
    with postgres() as server, running(Redis()) as redis, running(Exchange()) as exchange:
        database = new_database(server)
        counted = f"SELECT xact_commit FROM pg_stat_database WHERE datname = '{database['DB_NAME']}';"

        def transactions() -> int:
            time.sleep(2)  # the server's statistics are a second behind
            return next(int(line) for line in server.psql(counted).split() if line.isdecimal())

        with Process("app", environ_of(**database, **redis.environ, **exchange.environ, LOG_LEVEL="WARNING")) as app:
            app.until("/health/ready", 200)

            def seen() -> tuple[float, int, float]:
                spent = Path(f"/proc/{app.child.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
                return time.monotonic(), transactions(), sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")

            before = seen()
            time.sleep(IDLE_SECONDS)
            idle = seen()
            for number in range(orders):
                key = {"Idempotency-Key": str(number)}
                assert app.http.post("/orders", json=ORDER, headers=key).is_success
            position = str(4 * orders)
            app.eventually(lambda: app.http.get("/positions").json().get("AAPL", "").split(".")[0] == position or None)
            after = seen()
    idle_share = (after[0] - idle[0]) / (idle[0] - before[0])
    statements = (after[1] - idle[1] - idle_share * (idle[1] - before[1])) / orders
    milliseconds = (after[2] - idle[2] - idle_share * (idle[2] - before[2])) / orders * 1000
    return {"orders": orders, "statements": round(statements, 1), "cpu_milliseconds": round(milliseconds, 2)}


def main() -> int:
    """Print transactions and milliseconds of CPU an order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=300)
    cost = order_cost(parser.parse_args().orders)
    print(f"{cost['orders']} orders: {cost['statements']} statements and {cost['cpu_milliseconds']} ms of CPU each")
    return 0


if __name__ == "__main__":
    sys.exit(main())
