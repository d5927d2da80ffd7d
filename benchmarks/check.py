"""`python -m benchmarks.check`: what `apparch check` costs, as ratios to other programs on the same trees.

A tree of 300 files beside the command of repo-review with the checks of the Scientific Python guide, one of 10,000
files beside reading each of them, and the start beside that of an empty Python. Beside the 10,000 stands a floor too:
what it takes to read them and to have Python itself say of each module of the service that it is one, which a
repository's broken files are told by. repo-review is installed for this run alone, in a folder of its own, and sees no
other packages, since apparch is one of its plugins. All run with their bytecode there, as installed programs do. Time
is the lowest of several runs, by the wall; memory is the peak of the process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks._report import write
from benchmarks.contract import ROOT, cost

APP = ROOT / "snippets/app"
SMALL, LARGE = 300, 10_000
BOUNDS = {"version": 2.0, "repo_review": 0.4, "reading": 2.0}
"""What each ratio should stay below; what does not is told, with the floor beside it."""
MEMORY = 80
"""The same for the peak of the larger run, in megabytes."""
PACKAGES = ("repo-review", "sp-repo-review", "pyyaml", "rich", "pygments", "markdown-it-py", "mdurl")
REVIEW = """
import runpy, sys
sys.path.insert(0, sys.argv.pop())
runpy.run_module("repo_review", run_name="__main__")
"""
READ = """
import sys
from pathlib import Path
print(sum(len(path.read_bytes().decode("utf-8", "replace")) for path in Path(sys.argv[1]).rglob("*") if path.is_file()))
"""
FLOOR = """
import symtable, sys
from pathlib import Path
root, read = Path(sys.argv[1]), 0
for path in root.rglob("*"):
    if path.is_file():
        text = path.read_bytes().decode("utf-8", "replace")
        read += len(text)
        if path.suffix == ".py" and path.is_relative_to(root / "src"):
            symtable.symtable(text, path.name, "exec")
print(read)
"""
COLUMNS = {"ko": ["실행", "초", "최대 메모리(MB)"], "en": ["Run", "Seconds", "Peak memory (MB)"]}


def grown(folder: Path, files: int) -> Path:
    """The reference app, its modules and tests repeated under other names until there are so many files."""
    shutil.copytree(APP, folder, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", "*.egg-info"))
    originals = [path for part in ("src", "tests") for path in sorted(folder.joinpath(part).rglob("*.py"))]
    originals = [path for path in originals if "__" not in path.name]
    there = sum(1 for path in folder.rglob("*") if path.is_file())
    for number in range(files - there):
        original = originals[number % len(originals)]
        shutil.copy(original, original.with_name(f"{original.stem}_{number}.py"))
    return folder


def main() -> int:
    """Measure and write the table; fails where repo-review judged nothing or the check could not."""
    with tempfile.TemporaryDirectory() as name:
        small, large, packages = (
            grown(Path(name, "small"), SMALL),
            grown(Path(name, "large"), LARGE),
            Path(name, "packages"),
        )
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages), *PACKAGES]
        subprocess.run(install, check=True)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(name, "bytecode"))
        runs = {
            ("빈 파이썬", "an empty Python"): cost(["-c", "pass"]),
            ("apparch --version", "apparch --version"): cost(["-m", "apparch", "--version"]),
            ("파일 300개, repo-review", "300 files, repo-review"): cost(
                ["-S", "-c", REVIEW, str(small), str(packages)]
            ),
            ("파일 300개, apparch check", "300 files, apparch check"): cost(["-m", "apparch", "check", str(small)]),
            ("파일 10,000개, 읽기만", "10,000 files, reading them"): cost(["-c", READ, str(large)]),
            ("파일 10,000개, 읽기와 문법", "10,000 files, read and parsed"): cost(["-c", FLOOR, str(large)]),
            ("파일 10,000개, apparch check", "10,000 files, apparch check"): cost(
                ["-m", "apparch", "check", str(large)]
            ),
        }
    rows = [[{"ko": ko, "en": en}, f"{seconds:.2f}", f"{peak:.0f}"] for (ko, en), (seconds, peak, _) in runs.items()]
    empty, version, review_, check, read, floor, whole = (seconds for seconds, _, _ in runs.values())
    ratios = {"version": version / empty, "repo_review": check / review_, "reading": whole / read}
    print(*(f"{en}: {seconds:.2f} s, {peak:.0f} MB" for (_, en), (seconds, peak, _) in runs.items()), sep="\n")
    print(*(f"{key}: {value:.2f} x, bound {BOUNDS[key]:g}" for key, value in ratios.items()), sep="\n")
    peak = [each for _, each, _ in runs.values()][-1]
    print(f"floor of reading: {floor / read:.2f} x", f"memory: {peak:.0f} MB, bound {MEMORY}", sep="\n")
    write("check", COLUMNS, rows, **ratios, floor=floor / read)
    printed = [text for _, _, text in runs.values()]
    return 0 if "PY001" in printed[2] and all("Rules:" in text for text in (printed[3], printed[6])) else 1


if __name__ == "__main__":
    sys.exit(main())
