"""`python -m tests.outside TARGET.yaml [CHECK ...]`: look at an app from outside and say what was seen."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.outside.suite import checks
from tests.outside.target import Target, read_target
from tests.outside.verdict import Verdict, judge


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where nothing failed, 1 where something failed or is unstable, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m tests.outside", description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("checks", nargs="*", metavar="CHECK", help="a part of a check's name; all without one")
    parser.add_argument("--json", action="store_true", help="with all evidence")
    options = parser.parse_args(arguments)
    try:
        target = read_target(options.target)
    except (OSError, ValueError) as error:
        print(f"tests.outside: {error}", file=sys.stderr)
        return 2
    verdicts = list(look(target, options.target, options.checks))
    if options.json:
        print(json.dumps([asdict(verdict) for verdict in verdicts], indent=1, ensure_ascii=False))
    return int(any(verdict.outcome in ("fail", "unstable") for verdict in verdicts))


def look(target: Target, file: Path, wanted: Sequence[str]) -> Sequence[Verdict]:
    """Judge what is wanted, and tell each verdict as it falls."""
    verdicts = []
    for check in checks():
        name = check.__name__.replace("_", " ")
        if wanted and not any(part in name for part in wanted):
            continue
        verdict = judge(check, target, f"python -m tests.outside {shlex.quote(str(file))} {shlex.quote(name)}")
        reason = f": {verdict.because}" if verdict.because else ""
        print(f"{verdict.outcome:<10} {name}{reason}", file=sys.stderr)
        if verdict.outcome in ("fail", "unstable"):
            print(
                "".join(f"             {line}\n" for line in verdict.evidence) + f"             $ {verdict.again}",
                file=sys.stderr,
            )
        verdicts.append(verdict)
    return verdicts


if __name__ == "__main__":
    sys.exit(main())
