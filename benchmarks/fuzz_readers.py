"""`python -m benchmarks.fuzz_readers`: the readers of files, fed what atheris finds leads to new branches of theirs.

Each gets any text and has to give a value or a Problem: an exception, a hang of 10 seconds and more memory than a
gigabyte end the run with the input that led there. It begins with the files of the rules' examples. The time is
`FUZZ_SECONDS` (60). atheris is installed for this run alone, in a folder of its own; it has wheels for Linux only.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks._report import write

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "atheris>=3,<4"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))
ENDINGS = (".yml", ".yaml", ".json", ".toml", ".sh", ".txt", ".env", ".example", "Dockerfile", "ignore", ".conf")
COLUMNS = {"ko": ["읽기", "입력", "닿은 가지", "예외"], "en": ["Readers", "Inputs", "Branches reached", "Exceptions"]}
TARGET = """
import sys
sys.path[:0] = sys.argv[1:3]
import atheris
with atheris.instrument_imports(include=["apparch"]):
    from apparch.changes import ChangesError, lines_of_diff
    from apparch.repository import Repository
    from apparch.repository.dockerfile import parse_dockerfile
    from apparch.repository.dotenv import parse_dotenv
    from apparch.repository.helm.build import Release, render
    from apparch.repository.ignore import parse_dockerignore, parse_gitignore
    from apparch.repository.json_file import parse_json
    from apparch.repository.patterns import fits
    from apparch.repository.places import Problem
    from apparch.repository.requirements import parse_requirements
    from apparch.repository.shell import parse_commands
    from apparch.repository.stages import environment, stages
    from apparch.repository.toml_file import parse_toml_nodes
    from apparch.repository.workflow import condition, embedded, parse_workflow
    from apparch.repository.yaml_file import parse_yaml

def dockerfile(text):
    found = parse_dockerfile(text, "Dockerfile")
    if not isinstance(found, Problem):
        every = stages(found)
        for each in every:
            environment(every, each)

def workflow(text):
    found = parse_workflow(text, ".github/workflows/a.yml")
    if not isinstance(found, Problem):
        for job in found.jobs:
            job.condition, job.permissions, job.services
            for step in job.steps:
                step.uses, step.condition, step.environment, step.shell
                list(embedded(step.run))

def diff(text):
    try:
        lines_of_diff(text)
    except ChangesError:
        pass

def pattern(text):
    left, _, right = text.partition("\\n")
    fits(left, right)

def chart(text):
    files = {"Chart.yaml": "name: a", "values.yaml": "a: {b: [1, x]}", "templates/a.yaml": text}
    render(Repository.of(files), ".", (), Release("a"))

READERS = (
    dockerfile,
    chart,
    workflow,
    diff,
    pattern,
    parse_commands,
    *(lambda text, read=read: read(text, "a") for read in (
        parse_yaml, parse_json, parse_toml_nodes, parse_dotenv, parse_gitignore, parse_dockerignore, parse_requirements,
    )),
)

def one(data):
    if data:
        READERS[data[0] % len(READERS)](data[1:].decode("utf-8", "replace"))

atheris.Setup([sys.argv[0], *sys.argv[3:]], one)
atheris.Fuzz()
"""


def main() -> int:
    """Fuzz for the time given, and say what fell."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder / "packages"), PACKAGE]
        if subprocess.run(install, check=False).returncode:
            print("atheris does not install here")
            return 2
        (folder / "corpus").mkdir()
        for number, path in enumerate(sorted((ROOT / "snippets/rules").rglob("*"))):
            if path.is_file() and path.name.endswith(ENDINGS):
                # The first byte chooses the reader: every file is read by two of them.
                for reader in (number % 12, (number + 5) % 12):
                    (folder / "corpus" / f"{number}-{reader}").write_bytes(bytes([reader]) + path.read_bytes())
        (folder / "target.py").write_text(TARGET)
        limits = [f"-max_total_time={SECONDS}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=20000"]
        command = [sys.executable, "target.py", str(folder / "packages"), str(ROOT / "src"), "corpus", *limits]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
        fallen = sorted(
            each for each in folder.glob("*-*") if each.name.startswith(("crash", "timeout", "oom", "slow"))
        )
        for each in fallen:
            print(f"{each.name}: {each.read_bytes()[:2000]!r}")
        if done.returncode:
            print(done.stderr[-4000:])
    runs = re.findall(r"#(\d+)\s+\w+\s+cov: (\d+)", done.stderr)
    inputs, branches = runs[-1] if runs else ("0", "0")
    print(f"{inputs} inputs, {branches} branches reached, {len(fallen)} fell")
    write("fuzz_readers", COLUMNS, [["12", inputs, branches, str(len(fallen))]])
    return 1 if done.returncode or fallen else 0


if __name__ == "__main__":
    sys.exit(main())
