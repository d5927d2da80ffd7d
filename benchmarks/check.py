"""`python -m benchmarks.check`: what `apparch check` costs, as ratios to other programs on the same trees.

A tree of 300 files beside repo-review with the checks of the Scientific Python guide, one of 10,000 files beside
reading each of them, and the start beside that of an empty Python. repo-review is installed for this run alone, in a
folder of its own. Time is the lowest of several runs, by the wall; memory is the peak of the process.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks._report import write
from benchmarks.contract import ROOT, cost

APP = ROOT / "snippets/app"
SMALL, LARGE = 300, 10_000
PACKAGES = ("repo-review", "sp-repo-review", "pyyaml", "markdown-it-py", "mdurl")
REVIEW = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from repo_review.processor import process
print(len(process(Path(sys.argv[2])).results))
"""
READ = """
import sys
from pathlib import Path
print(sum(len(path.read_bytes().decode("utf-8", "replace")) for path in Path(sys.argv[1]).rglob("*") if path.is_file()))
"""
COLUMNS = {"ko": ["실행", "초", "최대 메모리(MB)"], "en": ["Run", "Seconds", "Peak memory (MB)"]}


def grown(folder: Path, files: int) -> Path:
    """The reference app, its modules and tests repeated under other names until there are so many files."""
    shutil.copytree(APP, folder, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", "*.egg-info"))
    originals = [path for path in sorted(folder.rglob("*.py")) if "__" not in path.name]
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
        runs = {
            ("빈 파이썬", "an empty Python"): cost(["-c", "pass"]),
            ("apparch --version", "apparch --version"): cost(["-m", "apparch", "--version"]),
            ("파일 300개, repo-review", "300 files, repo-review"): cost(
                ["-S", "-c", REVIEW, str(packages), str(small)]
            ),
            ("파일 300개, apparch check", "300 files, apparch check"): cost(["-m", "apparch", "check", str(small)]),
            ("파일 10,000개, 읽기만", "10,000 files, reading them"): cost(["-c", READ, str(large)]),
            ("파일 10,000개, apparch check", "10,000 files, apparch check"): cost(
                ["-m", "apparch", "check", str(large)]
            ),
        }
    rows = [[{"ko": ko, "en": en}, f"{seconds:.2f}", f"{peak:.0f}"] for (ko, en), (seconds, peak, _) in runs.items()]
    empty, version, review, check, read, whole = (seconds for seconds, _, _ in runs.values())
    ratios = {"version": version / empty, "repo_review": check / review, "reading": whole / read}
    print(*(f"{en}: {seconds:.2f} s, {peak:.0f} MB" for (_, en), (seconds, peak, _) in runs.items()), sep="\n")
    print(*(f"{key}: {value:.2f} x" for key, value in ratios.items()), sep="\n")
    write("check", COLUMNS, rows, **ratios)
    printed = [text for _, _, text in runs.values()]
    return 0 if printed[2].strip().isdigit() and all("Rules:" in text for text in (printed[3], printed[5])) else 1


if __name__ == "__main__":
    sys.exit(main())
