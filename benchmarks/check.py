"""`python -m benchmarks.check`: what `apparch check` costs, as ratios to other programs on the same trees.

A tree of 300 files beside the command of repo-review with the checks of the Scientific Python guide, one of 10,000
files beside reading each of them, and the start beside that of an empty Python. Beside the 10,000 stands a floor too:
what it takes to read them and to have Python itself say of each module of the service that it is one, which a
repository's broken files are told by. Beside the 300 stands one as well: to load Python, the library for YAML and the
modules of the standard library that reading a repository takes, and to make a syntax tree of each module.

Both tools are installed for this run alone, each in a folder of its own, as whoever uses them has them: apparch's rules
are compiled when it is installed, and repo-review sees no other packages, since apparch is one of its plugins. All run
with their bytecode there. Time is that of the processor, user's and system's, the lowest of several rounds in which
each program runs once: all of them run in one thread, so that on a quiet machine this is the time by the wall, and on
one that others use as well it is not theirs. Memory is the peak of the process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks._report import write
from benchmarks.contract import ROOT

APP = ROOT / "snippets/app"
SMALL, LARGE, ROUNDS = 300, 10_000, 5
BOUNDS = {"version": 2.0, "repo_review": 0.4, "reading": 2.0}
"""What each ratio should stay below; what does not is told, with the floor beside it."""
MEMORY = 80
"""The same for the peak of the larger run, in megabytes."""
PACKAGES = ("repo-review", "sp-repo-review", "pyyaml", "rich", "pygments", "markdown-it-py", "mdurl")
BUILT_FROM = ("src", "template", "setup.py", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in")
REVIEW = """
import runpy, sys
sys.path.insert(0, sys.argv.pop())
runpy.run_module("repo_review", run_name="__main__")
"""
PARSE = """
import argparse, ast, dataclasses, json, pathlib, re, sys, tomllib, yaml
for path in pathlib.Path(sys.argv[1], "src").rglob("*.py"):
    ast.parse(path.read_bytes())
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
COLUMNS = {"ko": ["실행", "CPU 초", "최대 메모리(MB)"], "en": ["Run", "CPU seconds", "Peak memory (MB)"]}


@dataclass
class Program:
    """What is run, and the best that was seen of it."""

    ko: str
    en: str
    arguments: Sequence[str]
    path: Path | None = None
    """Where packages lie beside those of this Python."""
    seconds: float = float("inf")
    """Of the processor."""
    peak: float = 0.0
    """Megabytes."""
    printed: str = ""

    def run(self, bytecode: Path) -> None:
        """Run it once more."""
        environ = {
            key: each for key, each in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
        }
        environ["PYTHONPYCACHEPREFIX"] = str(bytecode)
        environ |= {"PYTHONPATH": str(self.path)} if self.path else {}
        process = subprocess.Popen(
            [sys.executable, *self.arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=environ,
        )
        assert process.stdout is not None
        self.printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = min(self.seconds, usage.ru_utime + usage.ru_stime)
        self.peak = max(self.peak, usage.ru_maxrss / 1024)


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


def installed(folder: Path) -> tuple[Path, Path]:
    """Apparch, made from a copy of this checkout, and repo-review."""
    copy, own, others = folder / "copy", folder / "own", folder / "packages"
    copy.mkdir()
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(ROOT / name, copy / name)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--target"]
    subprocess.run([*pip, str(own), "--no-build-isolation", str(copy)], check=True)
    subprocess.run([*pip, str(others), *PACKAGES], check=True)
    return own, others


def measured(programs: Sequence[Program], bytecode: Path) -> None:
    """Run all programs in turn, one round to make their bytecode, then those that count."""
    for program in programs:
        program.run(bytecode)
        program.seconds = float("inf")
    for _ in range(ROUNDS):
        for program in programs:
            program.run(bytecode)


def main() -> int:
    """Measure and write the table; fails where repo-review judged nothing or the check could not."""
    with tempfile.TemporaryDirectory() as name:
        small, large = grown(Path(name, "small"), SMALL), grown(Path(name, "large"), LARGE)
        own, others = installed(Path(name))
        empty = Program("빈 파이썬", "an empty Python", ["-c", "pass"])
        version = Program("apparch --version", "apparch --version", ["-m", "apparch", "--version"], own)
        review = Program(
            "파일 300개, repo-review", "300 files, repo-review", ["-S", "-c", REVIEW, str(small), str(others)]
        )
        parsed = Program("파일 300개, 문법 나무만", "300 files, parsed", ["-c", PARSE, str(small)])
        check = Program(
            "파일 300개, apparch check", "300 files, apparch check", ["-m", "apparch", "check", str(small)], own
        )
        read = Program("파일 10,000개, 읽기만", "10,000 files, reading them", ["-c", READ, str(large)])
        floor = Program("파일 10,000개, 읽기와 문법", "10,000 files, read and parsed", ["-c", FLOOR, str(large)])
        whole = Program(
            "파일 10,000개, apparch check", "10,000 files, apparch check", ["-m", "apparch", "check", str(large)], own
        )
        programs = [empty, version, review, parsed, check, read, floor, whole]
        measured(programs, Path(name, "bytecode"))
    rows = [[{"ko": each.ko, "en": each.en}, f"{each.seconds:.2f}", f"{each.peak:.0f}"] for each in programs]
    ratios = {
        "version": version.seconds / empty.seconds,
        "repo_review": check.seconds / review.seconds,
        "reading": whole.seconds / read.seconds,
    }
    floors = {"floor_small": parsed.seconds / review.seconds, "floor": floor.seconds / read.seconds}
    print(*(f"{each.en}: {each.seconds:.3f} s, {each.peak:.0f} MB" for each in programs), sep="\n")
    print(*(f"{key}: {value:.2f} x, bound {BOUNDS[key]:g}" for key, value in ratios.items()), sep="\n")
    print(f"floors: {floors['floor_small']:.2f} x repo-review, {floors['floor']:.2f} x reading")
    print(f"memory: {whole.peak:.0f} MB, bound {MEMORY}")
    write("check", COLUMNS, rows, **ratios, **floors)
    is_judged = all("Rules:" in each.printed for each in (check, whole))
    return 0 if "PY001" in review.printed and is_judged else 1


if __name__ == "__main__":
    sys.exit(main())
