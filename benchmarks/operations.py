"""The table of operations: each row played, then played again with its breach, which has to be noticed.

`python -m benchmarks.operations [NAME ...]` writes build/benchmarks/operations.json: steps, requests, requests lost,
the state reached, and whether the breach turned the row red. tests/operations plays the rows without their breaches.
What the cluster is and is not stands in tests/cluster/limits.yaml.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from benchmarks._report import write  # noqa: E402
from tests.operations.furnish import furnished  # noqa: E402
from tests.operations.stage import Stage, Unmet  # noqa: E402
from tests.operations.table import Row, broken, play, rows  # noqa: E402

COLUMNS = {
    "ko": ["운영 작업", "단계", "요청", "잃은 요청", "도달한 상태", "깨뜨리면 드러나는가"],
    "en": ["Operation", "Steps", "Requests", "Lost", "State reached", "Noticed when broken"],
}
PRINTED = 600
YES, NO, NONE = {"ko": "예", "en": "yes"}, {"ko": "아니요", "en": "no"}, {"ko": "없음", "en": "none"}


def main() -> int:
    """Every row in turn; not zero where one does not end as promised, or its breach is not noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--without-breaches", action="store_true")
    arguments = parser.parse_args()
    wanted = arguments.names
    table, details, wrong = [], [], 0
    with tempfile.TemporaryDirectory(prefix="operations-") as directory, furnished(Path(directory)) as stage:
        for row in rows():
            if wanted and row.name not in wanted:
                continue
            told = _measure(row, stage, breaches=not arguments.without_breaches)
            print(" ".join(f"{key}={str(value)[:PRINTED]!r}" for key, value in told.items()), flush=True)
            wrong += told["problem"] != "" or not (told["noticed"] or arguments.without_breaches)
            details.append(told)
            noticed = {True: YES, False: NO, None: NONE}[told["noticed"]]
            state = row.state if not told["problem"] else NO
            table.append([row.title, told["steps"], told["requests"], told["lost"], state, noticed])
    write("operations", COLUMNS, table, operations=details)
    return int(wrong > 0)


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
