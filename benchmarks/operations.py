"""The table of operations: each row played, then played again with its breach, which has to be noticed.

`python -m benchmarks.operations [NAME ...]` writes build/benchmarks/operations.json: steps, requests, requests lost,
the state reached, and whether the breach turned the row red. tests/operations plays the rows without their breaches.
What the cluster is and is not stands in tests/cluster/limits.yaml.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from benchmarks._report import kept, write  # noqa: E402
from tests.operations.furnish import furnished  # noqa: E402
from tests.operations.stage import Stage, Unmet  # noqa: E402
from tests.operations.table import Row, broken, play, rows  # noqa: E402

COLUMNS = {
    "ko": ["운영 작업", "단계", "요청", "잃은 요청", "도달한 상태", "깨뜨리면 드러나는가"],
    "en": ["Operation", "Steps", "Requests", "Lost", "State reached", "Noticed when broken"],
}
PRINTED = 600
YES, NO, NOT_YET = {"ko": "예", "en": "yes"}, {"ko": "아니요", "en": "no"}, {"ko": "아직", "en": "not yet"}


def main() -> int:
    """Every row in turn; not zero where one does not end as promised, or its breach is not noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="rows; what was measured of the others before is kept")
    parser.add_argument("--without-breaches", action="store_true")
    arguments = parser.parse_args()
    # Whoever ends it ends the cluster's processes too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    wanted = [row for row in rows() if not arguments.names or row.name in arguments.names]
    measured = {each["name"]: each for each in kept("operations").get("operations", []) if arguments.names}
    with tempfile.TemporaryDirectory(prefix="operations-") as directory, furnished(Path(directory)) as stage:
        for row in wanted:
            told = _measure(row, stage, breaches=not arguments.without_breaches)
            print(" ".join(f"{key}={str(value)[:PRINTED]!r}" for key, value in told.items()), flush=True)
            measured[row.name] = told
            _write([(row, measured[row.name]) for row in rows() if row.name in measured])
    return int(any(_wrong(measured[row.name], breaches=not arguments.without_breaches) for row in wanted))


def _wrong(told: dict[str, Any], *, breaches: bool) -> bool:
    return told["problem"] != "" or (breaches and not told["noticed"])


def _write(measured: list[tuple[Row, dict[str, Any]]]) -> None:
    table = [
        [
            row.title,
            told["steps"],
            told["requests"],
            told["lost"],
            NO if told["problem"] else row.state,
            {True: YES, False: NO, None: NOT_YET}[told["noticed"]],
        ]
        for row, told in measured
    ]
    write("operations", COLUMNS, table, operations=[told for _, told in measured])


def _measure(row: Row, stage: Stage, *, breaches: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"name": row.name, "steps": 0, "requests": 0, "lost": 0, "seconds": 0.0, "problem": ""}
    try:
        took = play(row, stage)
        told |= {"steps": took.steps, "requests": took.asked, "lost": took.lost, "seconds": round(took.seconds, 1)}
    except (Unmet, AssertionError) as error:
        told["problem"] = str(error)[:2000]
    seen = _noticed(row, stage) if row.breach and breaches else None
    return told | {"noticed": None if seen is None else seen != "", "seen": seen}


def _noticed(row: Row, stage: Stage) -> str:
    """How the row ended with its breach in it; empty where it ended as promised, or could not begin."""
    with broken(row, stage):
        try:
            play(row, stage)
        except Unmet as error:
            return str(error)[:2000]
        except AssertionError as error:
            # An operation that cannot begin says nothing about what its page promises.
            print(f"{row.name} cannot begin with its breach: {error}", flush=True)
    return ""


if __name__ == "__main__":
    sys.exit(main())
