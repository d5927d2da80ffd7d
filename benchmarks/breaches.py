"""Every breach in full: how many there are of each kind, how many their proofs notice, and how long that takes.

`python -m benchmarks.breaches [running|static|allowed ...]` writes build/benchmarks/breaches.json, and what was
noticed into build/breaches.json, which `merge-proofs` takes for the pages as long as the files stay as they are.
A run that was broken off goes on where it was, as long as no file has changed; what was not as it should be is judged
again.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks._kept import Kept
from benchmarks._report import write
from tests.breaches.asking import Proofs as Server
from tests.breaches.judge import Judge, Verdict
from tests.breaches.places import runs
from tests.breaches.searching import candidates, marks_of
from tests.breaches.workspace import make_workspace

from apparch.catalogue import load_catalogue
from apparch.pages.breaches import Breach, read_breaches
from apparch.pages.proofs import BreachProof, Proofs
from apparch.pages.proofs import write as write_record

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "build/breaches.json"
PARTS = ("static", "running", "prose", "allowed")
COLUMNS = {
    "ko": ["어긴 방식", "변경", "알아챈 변경", "초"],
    "en": ["Kind of breach", "Breaches", "Noticed", "Seconds"],
}


def main() -> int:
    """Print what was not as it should be; 1 where there was any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; all without one")
    wanted = parser.parse_args().parts or list(PARTS)
    kept = Kept("breaches")
    breaches = [breach for breach in read_breaches(ROOT, load_catalogue().rules).all if part_of(breach) in wanted]
    judged = list(judge_all(breaches, kept))
    good = [(breach, verdict) for breach, verdict, _ in judged if right(breach, verdict)]
    record = tuple(
        BreachProof(
            breach.id, breach.subject, breach.noticed_by or "", "passed" if right(breach, verdict) else "failed"
        )
        for breach, verdict, _ in judged
    )
    write_record(Proofs(recorded=True, breaches=record, tree=kept.tree), RECORD)
    report(judged)
    print(f"{len(good)} of {len(judged)} as they should be")
    return 0 if len(good) == len(judged) else 1


def part_of(breach: Breach) -> str:
    """What kind of proof judges a breach; empty where none has been found yet."""
    if breach.allowed:
        return "allowed"
    if not breach.noticed_by:
        return ""
    if breach.prose:
        return "prose"
    return "running" if runs(breach.noticed_by) else "static"


def right(breach: Breach, verdict: Verdict) -> bool:
    """Whether a breach was noticed, and what is allowed was not."""
    return verdict.outcome == ("green" if breach.allowed else "noticed")


def judge_all(breaches: list[Breach], kept: Kept) -> Iterator[tuple[Breach, Verdict, float]]:
    """Each breach with its verdict and how many seconds it took, in this run or in the one that it goes on with."""
    done = [breach for breach in breaches if breach.id in kept.parts]
    for breach in done:
        yield breach, Verdict("green" if breach.allowed else "noticed"), kept.parts[breach.id]
    yield from judge_anew([breach for breach in breaches if breach.id not in kept.parts], kept)


def judge_anew(breaches: list[Breach], kept: Kept) -> Iterator[tuple[Breach, Verdict, float]]:
    """Each breach with its verdict and how many seconds it took."""
    if not breaches:
        return
    with tempfile.TemporaryDirectory(prefix="breaches") as folder:
        workspace = make_workspace(ROOT, Path(folder))
        workspace.root.chmod(0o755)
        with Server(workspace.root) as proofs:
            judge = Judge(workspace, proofs)
            marks = marks_of(proofs) if any(breach.allowed for breach in breaches) else {}
            for breach in sorted(breaches, key=lambda breach: (part_of(breach), breach.noticed_by or "", breach.id)):
                began = time.monotonic()
                if breach.allowed:
                    verdict = judge.lets_all_pass(breach, candidates(breach, marks))
                else:
                    verdict = judge.noticed(breach)
                seconds = time.monotonic() - began
                if right(breach, verdict):
                    kept.add(breach.id, round(seconds, 2))
                else:
                    print(f"{breach.id}: {verdict.outcome} {verdict.test} {verdict.message[:300]}", flush=True)
                yield breach, verdict, seconds


def report(judged: list[tuple[Breach, Verdict, float]]) -> None:
    """Write the table that the page of figures shows."""
    kinds = list(dict.fromkeys(breach.kind for breach, _, _ in judged))
    rows: list[list[object]] = []
    for kind in sorted(kinds):
        own = [(right(breach, verdict), seconds) for breach, verdict, seconds in judged if breach.kind == kind]
        rows.append([f"`{kind}`", len(own), sum(good for good, _ in own), round(sum(taken for _, taken in own))])
    total = [sum(int(str(row[column])) for row in rows) for column in (1, 2, 3)]
    write("breaches", COLUMNS, [*rows, ["", *total]])


if __name__ == "__main__":
    raise SystemExit(main())
