"""`python -m benchmarks.fleet`: what `apparch fleet` costs over 50 repositories, by the number of processes.

The repositories are copies of the reference app and of its Deploy repository, 25 pairs, of which every fifth breaks
its contract and every second records an older version of the template. What the run tells is asserted; how long it
took is not. Time is the lowest of several runs, by the wall.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks._report import write
from benchmarks.contract import ROOT, cost

PAIRS = 25
OLD, NEW = "v1.0.0", "v2.0.0"
VERSIONS = """\
versions:
  - version: 2.0.0
    date: 2026-11-20
    changes:
      - id: pinned-base
        level: must
        kind: app
        rules: [IMG015]
        files: [docker/Dockerfile]
        what: {ko: 고정한다., en: It is pinned.}
  - {version: 1.0.0, date: 2026-09-01}
"""
COLUMNS = {"ko": ["프로세스", "초", "레포 하나에 초"], "en": ["Processes", "Seconds", "Seconds a repo"]}


def made(folder: Path) -> Path:
    """The repositories below a folder; the path of their list."""
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", "*.egg-info", ".venv")
    lines = ["repositories:"]
    for number in range(PAIRS):
        for name, source in ((f"app-{number}", "app"), (f"app-{number}-deploy", "deploy")):
            shutil.copytree(ROOT / "snippets" / source, folder / name, ignore=ignored)
            version = OLD if number % 2 and source == "app" else NEW
            record = f"_src_path: https://git.example/template\n_commit: {version}\n"
            (folder / name / ".copier-answers.yml").write_text(record)
        if number % 5 == 0:
            manifest = folder / f"app-{number}-deploy/k8s/base/deployments/app.yaml"
            manifest.write_text(manifest.read_text("utf-8").replace("path: /health/live", "path: /live"), "utf-8")
        lines.append(f"  - {{name: app-{number}, path: app-{number}, partner: app-{number}-deploy}}")
        lines.append(f"  - {{name: app-{number}-deploy, path: app-{number}-deploy}}")
    (folder / "template").mkdir()
    (folder / "template/versions.yaml").write_text(VERSIONS, "utf-8")
    (folder / "fleet.yaml").write_text("\n".join(lines) + "\n")
    return folder / "fleet.yaml"


def main() -> int:
    """Measure with one process and with one a core; fails where the rows are not what was made."""
    with tempfile.TemporaryDirectory() as name:
        inventory = made(Path(name))
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(name, "bytecode"))
        command = ["-m", "apparch", "fleet", "--inventory", str(inventory), "--template", str(Path(name, "template"))]
        counts = sorted({1, os.cpu_count() or 1})
        text = str(Path(name, "fleet.txt"))
        taken = {jobs: cost([*command, "--jobs", str(jobs), "--output", text])[0] for jobs in counts}
        cost([*command, "--format", "json", "--output", str(Path(name, "fleet.json"))])
        rows = json.loads(Path(name, "fleet.json").read_text("utf-8"))["repositories"]
    table = [[jobs, f"{seconds:.1f}", f"{seconds / len(rows):.2f}"] for jobs, seconds in taken.items()]
    print(*(f"{jobs} processes: {seconds} s, {each} s a repo" for jobs, seconds, each in table), sep="\n")
    behind = sum(row["template"]["state"] == "behind" for row in rows)
    broken = sum(any(each["count"] for each in row["contracts"]) for row in rows)
    print(f"{len(rows)} repos, {behind} behind, {broken} with a broken contract")
    write("fleet", COLUMNS, table, repos=len(rows), behind=behind, broken=broken)
    return 0 if (len(rows), behind, broken) == (2 * PAIRS, PAIRS // 2, 2 * -(-PAIRS // 5)) else 1


if __name__ == "__main__":
    sys.exit(main())
