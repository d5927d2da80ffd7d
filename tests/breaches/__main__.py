"""The commands of the breaches: `python -m tests.breaches`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.breaches.asking import APPS, Proofs
from tests.breaches.coverage import lacking, shrink
from tests.breaches.judge import Judge, Verdict
from tests.breaches.searching import candidates, marks_of, search
from tests.breaches.workspace import Workspace, make_workspace
from tests.breaches.writing import write_noticed_by

from apparch.catalogue import load_catalogue
from apparch.pages.breaches import Breach, read_breaches

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 where every breach was noticed and nothing allowed was, 1 elsewhere, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m tests.breaches", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    find = commands.add_parser("find", help="look for the proof that notices a breach, and write it into its file")
    find.add_argument("targets", nargs="*", metavar="BREACH|RULE|FAMILY|PAGE|FILE")
    find.add_argument("--missing", action="store_true", help="every breach that names no proof yet")
    find.add_argument("--again", action="store_true", help="also where a proof is named already")
    find.add_argument("--dry-run", action="store_true", help="write nothing")
    run = commands.add_parser("run", help="carry breaches out and run the proofs that they name")
    run.add_argument("targets", nargs="+", metavar="BREACH|RULE|FAMILY|PAGE|FILE|all")
    prove = commands.add_parser("prove", help="run the proofs of rules, as named by their breaches, on what is there")
    prove.add_argument("targets", nargs="+", metavar="RULE|BREACH|FAMILY")
    options = parser.parse_args(arguments)
    if options.command == "find" and not (options.targets or options.missing):
        parser.error("name a breach, a rule, a family, a page or a file, or say --missing")
    breaches = read_breaches(ROOT, load_catalogue().rules)
    for problem in breaches.problems:
        print(problem, file=sys.stderr)
    chosen = [each for each in breaches.all if _meant(each, options.targets) or getattr(options, "missing", False)]
    if not chosen:
        parser.error(f"no breach goes by {' '.join(options.targets)}")
    if options.command == "prove":
        return _prove(chosen)
    with _judge() as (judge, proofs):
        done = _find(chosen, judge, proofs, options) if options.command == "find" else _run(chosen, judge)
    return 0 if done and not breaches.problems else 1


def _meant(breach: Breach, targets: Sequence[str]) -> bool:
    names = {breach.id, breach.subject, breach.file, Path(breach.file).stem, "all"}
    return not names.isdisjoint(targets)


@contextmanager
def _judge() -> Iterator[tuple[Judge, Proofs]]:
    with tempfile.TemporaryDirectory(prefix="breaches") as folder:
        workspace: Workspace = make_workspace(ROOT, Path(folder))
        with Proofs(workspace.root) as proofs:
            yield Judge(workspace, proofs), proofs


def _prove(chosen: Sequence[Breach]) -> int:
    """Run the named proofs on the files as they stand; pytest's exit code."""
    rules = load_catalogue().rules
    for subject in dict.fromkeys(breach.subject for breach in chosen if breach.subject in rules):
        print(f"==> {subject}: {rules[subject].title.en}", flush=True)
    named = sorted({breach.noticed_by for breach in chosen if breach.noticed_by})
    code = 0
    for folder in ("", *APPS):
        # An app's own tests run where the app stands alone.
        ours = [name for name in named if name.startswith(folder or APPS) == bool(folder)]
        tests = [name.removeprefix(folder) for name in ours]
        if tests:
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line", *tests]
            code = max(code, subprocess.run(command, cwd=ROOT / folder, check=False).returncode)
    return code


def _run(chosen: Sequence[Breach], judge: Judge) -> bool:
    good = True
    for breach in chosen:
        if breach.allowed or not breach.noticed_by:
            print(f"{breach.id}: names no proof; `find` looks for one", flush=True)
            good = good and breach.allowed
            continue
        verdict = judge.noticed(breach)
        good = good and verdict.outcome == "noticed"
        _say(breach, verdict, verdict.seconds)
    return good


def _find(chosen: Sequence[Breach], judge: Judge, proofs: Proofs, options: argparse.Namespace) -> bool:
    marks = marks_of(proofs)
    failed: list[str] = []
    for breach in chosen:
        if breach.noticed_by and not options.again:
            continue
        tests = candidates(breach, marks)
        found = search(breach, tests, judge)
        _say(breach, found.verdict, found.seconds)
        noticed = found.verdict.outcome == "noticed"
        if noticed == breach.allowed or found.verdict.outcome == "broken":
            failed.append(breach.id)
            for file, count, outcome in found.tried:
                print(f"    ran {count} of {file}: {outcome}", flush=True)
        if noticed and not breach.allowed and not options.dry_run:
            write_noticed_by(ROOT / breach.file, breach.id, found.verdict.test)
            _take_off_the_list()
    print(f"{len(failed)} to mend: {' '.join(failed)}" if failed else "every one as it should be")
    return not failed


def _take_off_the_list() -> None:
    rules = load_catalogue().rules
    shrink(lacking(rules, read_breaches(ROOT, rules).all))


def _say(breach: Breach, verdict: Verdict, seconds: float) -> None:
    words = {
        "noticed": "OVER-STRICT: allowed, and yet red in" if breach.allowed else "noticed by",
        "green": "allowed, stays green" if breach.allowed else "BLIND: every proof stays green",
        "broken": "BROKEN: nothing was judged:",
        "not tested": "NOT TESTED:",
    }[verdict.outcome]
    lines = verdict.message.strip().splitlines()
    shown = lines[:1] if verdict.outcome == "noticed" else lines[:12]
    print(f"{breach.id} [{breach.kind}] ({seconds:.1f} s): {words} {verdict.test}", flush=True)
    for line in shown:
        print(f"    {line[:300]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
