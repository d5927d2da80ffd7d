"""The real helm, with charts from files: what `--repo` would fetch from the internet stands in the directory $CHARTS.

A chart there has what the original installs as far as the stand-in cluster runs it, and nothing of its values.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(arguments: list[str], environ: dict[str, str]) -> list[str]:
    """The arguments for the real helm; raises SystemExit where a chart is asked for that is not there."""
    if "--repo" not in arguments:
        return arguments
    kept, charts = list(arguments), Path(environ["CHARTS"])
    for option in ("--repo", "--version"):
        if option in kept:
            at = kept.index(option)
            del kept[at : at + 2]
    names = {each.name for each in charts.iterdir()}
    found = [at for at, word in enumerate(kept) if word in names]
    if not found:
        raise SystemExit(f"Error: no chart of {sorted(names)} is named in {' '.join(arguments)}")
    # The name of a release may be that of its chart; the chart comes last.
    kept[found[-1]] = str(charts / kept[found[-1]])
    return kept


if __name__ == "__main__":
    program = os.environ["HELM"]
    os.execv(program, [program, *main(sys.argv[1:], dict(os.environ))])
