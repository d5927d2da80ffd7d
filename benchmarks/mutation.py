"""Mutation testing of the reference app: for each small change to its code, a test of the app must turn red.

`python -m benchmarks.mutation [MODULE ...]` (modules as `shared/breaker`, all of them without one) runs mutmut in a
copy of snippets/app, one module at a time, and writes build/benchmarks/mutation.json. A run that was broken off goes on
with the next module, as long as no file has changed.
A mutant that lives needs an entry with its reason in benchmarks/survivors.yaml.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml
from benchmarks._kept import Kept
from benchmarks._report import write

APP = Path("snippets/app")
CODE = Path("src/app")
COLUMNS = {"ko": ["모듈", "변이", "잡은 변이"], "en": ["Module", "Mutants", "Killed"]}
SURVIVORS = Path("benchmarks/survivors.yaml")
WANTED = 0.9
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis", "build", "mutants")
LIVING = {"survived", "no tests", "suspicious"}

# Where a file of the same name would not find what tests a module.
TESTS = {
    "__main__": ["tests/unit/test_lifecycle.py"],
    "migrate": ["tests/unit/test_migrate.py", "tests/integration/test_migrations.py"],
    "orders/store": ["tests/unit/test_order_store.py", "tests/integration/test_order_store.py"],
    "shared/errors": ["tests/unit/test_client.py", "tests/unit/test_retry.py", "tests/unit/test_breaker.py"],
}


@dataclass(frozen=True)
class Mutant:
    """One change to one line, and what became of it."""

    module: str
    status: str
    line: str = ""
    mutated: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """How benchmarks/survivors.yaml names it: mutmut's own numbers move with every edit."""
        return self.module, self.line, self.mutated


def main() -> int:
    """Print killed and living mutants per module; 1 below nine tenths, or when a reason is missing or unused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    modules = parser.parse_args().modules or all_modules()
    kept = Kept("mutation")
    for module in modules:
        if module not in kept.parts:
            kept.add(module, [asdict(mutant) for mutant in mutate(module)])
    mutants = [Mutant(**mutant) for module in modules for mutant in kept.parts[module]]
    reasons = read_reasons()
    return report(mutants, {key: reason for key, reason in reasons.items() if key[0] in modules})


def all_modules() -> list[str]:
    """Every module of the app with a function: of constants alone, such as SQL, mutmut makes no mutant, and fails."""
    root = APP / CODE
    files = [file for file in sorted(root.rglob("*.py")) if re.search(r"^ *(async )?def ", file.read_text(), re.M)]
    return [str(file.relative_to(root).with_suffix("")) for file in files]


def mutate(module: str) -> list[Mutant]:
    """Every mutant of a module, with its status; raises CalledProcessError when its tests fail unchanged."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "app"
        shutil.copytree(APP, copy, ignore=NOT_COPIED)
        configure(copy, module)
        mutmut(copy, "run", "--max-children", "1")
        mutants = []
        for line in mutmut(copy, "results", "--all", "true").splitlines():
            name_of_mutant, _, status = line.strip().partition(": ")
            shown = mutmut(copy, "show", name_of_mutant) if status in LIVING else ""
            mutants.append(Mutant(module, status, *changed_line(shown)))
    counts = Counter(mutant.status for mutant in mutants)
    print(f"{module}: {dict(counts)}", flush=True)
    for mutant in mutants:
        if mutant.status in LIVING:
            print(f"  {mutant.status}\n  - {mutant.line}\n  + {mutant.mutated}", flush=True)
    return mutants


def configure(copy: Path, module: str) -> None:
    """Tell mutmut which file to change and which tests to run."""
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"{CODE}/{module}.py"],
        "pytest_add_cli_args": ["-p", "no:cacheprovider"],
        "pytest_add_cli_args_test_selection": tests_of(module),
        "also_copy": [entry.name for entry in copy.iterdir() if entry.name not in {"src", "tests"}],
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    with (copy / "pyproject.toml").open("a") as file:
        file.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")


def tests_of(module: str) -> list[str]:
    """The module's own tests, unit before integration (`orders/wake` is `order_wake`); all unit tests without any."""
    name = module.replace("orders/", "order_").removeprefix("shared/")
    own = [f"tests/{kind}/test_{name}.py" for kind in ("unit", "integration")]
    return TESTS.get(module) or [next((file for file in own if (APP / file).exists()), "tests/unit")]


def mutmut(directory: Path, *arguments: str) -> str:
    """Run mutmut and return what it prints."""
    command = [str(Path(sys.executable).parent / "mutmut"), *arguments]
    done = subprocess.run(command, cwd=directory, text=True, capture_output=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout[-3000:] + done.stderr[-3000:])
        done.check_returncode()
    return done.stdout


def changed_line(diff: str) -> tuple[str, str]:
    """The first line taken out and the first line put in."""
    lines = diff.splitlines()
    out = [line[1:].strip() for line in lines if line.startswith("-") and not line.startswith("---")]
    into = [line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++")]
    return next(iter(out), ""), next(iter(into), "")


def read_reasons() -> dict[tuple[str, str, str], str]:
    """The known survivors and why each may live."""
    entries = yaml.safe_load(SURVIVORS.read_text()) or []
    return {(entry["module"], entry["line"], entry["mutated"]): entry["reason"] for entry in entries}


def report(mutants: list[Mutant], reasons: dict[tuple[str, str, str], str]) -> int:
    """Print and write down the result."""
    living = [mutant for mutant in mutants if mutant.status in LIVING]
    unexplained = [mutant for mutant in living if mutant.key not in reasons]
    unused = sorted(set(reasons) - {mutant.key for mutant in living})
    killed = len(mutants) - len(living)
    share = killed / len(mutants) if mutants else 0.0
    survivors = [{**asdict(mutant), "reason": reasons.get(mutant.key)} for mutant in living]
    modules = {
        module: Counter(mutant.status for mutant in mutants if mutant.module == module)
        for module in sorted({mutant.module for mutant in mutants})
    }
    rows = [[module, counts.total(), counts.total() - sum(counts[status] for status in LIVING)]
            for module, counts in modules.items()]  # fmt: skip
    write(
        "mutation",
        COLUMNS,
        [*rows, ["", len(mutants), f"{killed} ({share:.1%})"]],
        modules=modules,
        survivors=survivors,
    )
    print(f"{killed} of {len(mutants)} mutants killed ({share:.1%})")
    for mutant in unexplained:
        print(f"lives without a reason ({mutant.status}): {mutant.module}\n  - {mutant.line}\n  + {mutant.mutated}")
    for module, line, mutated in unused:
        print(f"has a reason but does not live: {module}\n  - {line}\n  + {mutated}")
    return 1 if share < WANTED or unexplained or unused else 0


if __name__ == "__main__":
    raise SystemExit(main())
