"""`python -m benchmarks.contract`: what `apparch contract` costs on a large pair, and its start beside an empty Python.

The pair is the reference App repo and a Deploy repo of 300 overlays, each over the reference base with files of its
own, and as many files that no overlay reads as make 10,000. Time is the lowest of several runs, by the wall; memory
is the peak of the process.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks._report import write

ROOT = Path(__file__).parents[1]
APP, DEPLOY = ROOT / "snippets/app", ROOT / "snippets/deploy"
OVERLAYS, FILES, RUNS = 300, 10_000, 3
SECONDS = 60.0
"""What the comparison of the large pair may take, here and on a slower machine of CI."""
COLUMNS = {"ko": ["실행", "초", "최대 메모리(MB)"], "en": ["Run", "Seconds", "Peak memory (MB)"]}


def large(folder: Path) -> Path:
    """The Deploy repo of the large pair."""
    deploy = folder / "deploy"
    shutil.copytree(DEPLOY, deploy)
    production = deploy / "k8s/overlays/production"
    for number in range(OVERLAYS - 2):
        copy = deploy / f"k8s/overlays/e{number:03}"
        shutil.copytree(production, copy)
        file = copy / "kustomization.yaml"
        file.write_text(file.read_text("utf-8").replace("newTag: v1.4.2", f"newTag: v1.4.{number}"), "utf-8")
    there = sum(1 for path in deploy.rglob("*") if path.is_file())
    for number in range(FILES - there):
        file = deploy / f"docs/archive/{number % 100:02}/{number}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"number: {number}\nname: an old manifest that nothing lists\n", "utf-8")
    return deploy


def cost(arguments: Sequence[str]) -> tuple[float, float, str]:
    """Seconds and peak megabytes of a Python process, and what it printed."""
    best, peak, printed = float("inf"), 0.0, ""
    for _ in range(RUNS):
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
        assert process.stdout is not None
        printed = process.stdout.read()
        _, _, usage = os.wait4(process.pid, 0)
        best, peak = min(best, time.monotonic() - begun), max(peak, usage.ru_maxrss / 1024)
    return best, peak, printed


def main() -> int:
    """Measure, write the table, and fail where the large pair takes too long or is not compared whole."""
    with tempfile.TemporaryDirectory() as name:
        deploy = large(Path(name))
        empty = cost(["-c", "pass"])
        version = cost(["-m", "apparch", "--version"])
        small = cost(["-m", "apparch", "contract", "--app", str(APP), "--deploy", str(DEPLOY)])
        whole = cost(["-m", "apparch", "contract", "--app", str(APP), "--deploy", str(deploy)])
    rows = [
        [{"ko": title[0], "en": title[1]}, f"{seconds:.2f}", f"{peak:.0f}"]
        for title, (seconds, peak, _) in (
            (("빈 파이썬", "an empty Python"), empty),
            (("apparch --version", "apparch --version"), version),
            (("레퍼런스 레포", "the reference repos"), small),
            (("오버레이 300개, 파일 10,000개", "300 overlays, 10,000 files"), whole),
        )
    ]
    print(*(f"{row[0]['en']}: {row[1]} s, {row[2]} MB" for row in rows if isinstance(row[0], dict)), sep="\n")
    write("contract", COLUMNS, rows)
    compared = re.search(r"e000, .*e297, production, staging\.$", whole[2].strip())
    if compared is None or whole[0] > SECONDS:
        print(f"contract: not all environments were compared in {SECONDS:g} s: {whole[2][-300:]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
