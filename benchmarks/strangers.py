"""What the reference app, and `apparch check`, bear from strangers: clients, kills, databases, clocks, repositories.

`python -m benchmarks.strangers` does everything with full counts and writes build/benchmarks/strangers.json; `--only`
chooses, `--share 0.1` does a tenth. With BENCHMARK_APP=PATH the app of another edition's checkout is measured.
`--repositories FOLDER --labels FILE --set untouched` measures `apparch check` on repositories that others wrote, and
nothing else; the form of the labels stands in `_strange_repositories.py`, `--draft` prints them unfilled.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks._app import find

find()

from benchmarks._report import MEASURED, write  # noqa: E402
from benchmarks._strange_clients import Strangers  # noqa: E402
from benchmarks._strange_repositories import run  # noqa: E402
from benchmarks._strange_services import jump_clocks, restart_database  # noqa: E402
from benchmarks.crash_only import crash_only  # noqa: E402
from benchmarks.order_cost import order_cost  # noqa: E402
from benchmarks.rolling_restarts import VARIANTS, rolling  # noqa: E402

GRACE_SECONDS = 60
RESTARTS, KILLS, DATABASE, JUMPS, ORDERS = 20, 500, 100, 40, 300


def rolled(name: str, share: float) -> dict[str, Any]:
    """Replace pods under clients of four kinds."""
    variant = next(each for each in VARIANTS if each.name == name)
    variant = replace(variant, grace=GRACE_SECONDS)
    result = asyncio.run(rolling(variant, math.ceil(RESTARTS * share), load=Strangers))
    return {
        "restarts": result.restarts,
        "requests": result.by_kind["requests"],
        "lost": result.by_kind["lost"],
        "reasons": result.reasons,
        "killed": result.killed,
        "exit_codes": result.exit_codes,
    }


def killed(share: float) -> dict[str, Any]:
    """SIGKILL at random moments of two replicas."""
    figures = crash_only(math.ceil(KILLS * share))
    return {key: value for key, value in figures.summary().items() if key != "faults"}


MEASUREMENTS: dict[str, Callable[[float], dict[str, Any]]] = {
    "restarts": lambda share: rolled("reference, drain 5 s", share),
    "restarts with preStop": lambda share: rolled("reference, drain 3 s, preStop 5 s", share),
    "kills": killed,
    "database fast": lambda share: restart_database("fast", math.ceil(DATABASE * share)),
    "database immediate": lambda share: restart_database("immediate", math.ceil(DATABASE * share)),
    "database smart": lambda share: restart_database("smart", math.ceil(DATABASE * share)),
    "clock of the database": lambda share: jump_clocks("database", math.ceil(JUMPS * share)),
    "clock of the app": lambda share: jump_clocks("app", math.ceil(JUMPS * share)),
    "cost": lambda share: order_cost(math.ceil(ORDERS * share)),
}


def main() -> int:
    """Print and write each measurement as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=MEASUREMENTS)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--repositories", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--set", default="untouched")
    parser.add_argument("--draft", action="store_true")
    options = parser.parse_args()
    if options.repositories:
        return run(options.repositories, None if options.draft else options.labels, options.set)
    found: dict[str, dict[str, Any]] = {}
    for name in options.only or MEASUREMENTS:
        found[name] = MEASUREMENTS[name](options.share)
        print(json.dumps({name: found[name]}), flush=True)
        write("strangers", MEASURED, [[key, json.dumps(value)] for key, value in found.items()], **found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
