"""Makes the virtual environment it runs in hold what the requirement files pin, and nothing else.

Nothing is resolved and nothing is built: the files name every package with its hashes, and packages come as wheels.
Fetching needs the index and leaves the environment as it is; installing needs no network.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from requirements import faults, state
from requirements.alive import follow
from requirements.progress import Progress

VENV = Path(sys.prefix)
FETCHED, WHEELS, LOG = VENV / "fetched", VENV / "wheels", VENV / "set-up.log"
PIP = (sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check")
DOWNLOAD = ("download", "--no-deps", "--require-hashes", "--only-binary", ":all:")
INSTALL = ("install", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-index", "--no-user")
# What a user tells pip about other environments would lead these packages astray.
ASTRAY = ("CONSTRAINT", "EDITABLE", "PREFIX", "PYTHON", "REQUIREMENT", "ROOT", "TARGET")
MISSING_PIN = 7


@dataclass(frozen=True)
class Plan:
    """What the environment is to hold."""

    installer: Path
    """Pins pip, which installs everything else."""
    files: tuple[Path, ...]
    partial: tuple[Path, ...]
    """Pins of wheels that are used for what they carry; what they depend on is not wanted."""
    kept: tuple[Path, ...]
    """Pins of wheels that lie in the environment's folder `wheels` and are not installed."""
    project: Path | None
    """The pyproject.toml of the package that is installed in place."""

    def outstanding(self) -> list[Path]:
        """The files whose content is not what the environment was made with."""
        project = [self.project] if self.project else []
        wanted = [self.installer, *self.files, *self.partial, *self.kept, *project]
        return [file for file in wanted if not state.is_recorded(VENV, file)]


class Failed(Exception):
    """The set-up cannot go on; the text is the one line for the user, the code the exit code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


def main() -> int:
    """Carry out the plan of the command line, or say in one line why it cannot be."""
    try:
        plan = read_plan(sys.argv[1:])
        if plan.outstanding():
            with Path(__file__).open() as lock:
                # Two commands at once: the second waits, and finds nothing left to do.
                fcntl.flock(lock, fcntl.LOCK_EX)
                carry_out(plan)
    except Failed as failed:
        print(failed, file=sys.stderr)
        return failed.code
    except OSError as error:
        print(f"the set-up stops at {error.filename}: {error.strerror}", file=sys.stderr)
        return faults.NOT_TO_BE_HAD
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def read_plan(arguments: list[str]) -> Plan:
    """The plan that the command line states."""
    parser = argparse.ArgumentParser(prog="requirements/environment VENV", description=__doc__)
    parser.add_argument("--installer", type=Path, required=True, help="pins pip, which installs all others")
    parser.add_argument("--partial", type=Path, action="append", default=[], help="pins without their dependencies")
    parser.add_argument("--keep", type=Path, action="append", default=[], help="pins that are fetched only")
    parser.add_argument("--project", type=Path, help="the pyproject.toml of a package to install in place")
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE")
    given = parser.parse_args(arguments)
    return Plan(given.installer, tuple(given.files), tuple(given.partial), tuple(given.keep), given.project)


def carry_out(plan: Plan) -> None:
    """Bring the environment from what it holds to what the plan states.

    Raises:
        Failed: the index, the machine or a requirement file is in the way.
    """
    LOG.touch(mode=0o600)
    todo = plan.outstanding()
    if plan.installer in todo:
        bring_installer(plan.installer)
    if wanted := [file for file in (*plan.files, *plan.partial) if file in todo]:
        bring(wanted)
    if plan.project in todo:
        pip(f"installing {plan.project.resolve().parent.name} in place", "install", "--no-deps", "--no-index",
            "--no-user", "--no-build-isolation", "--editable", plan.project.parent)  # fmt: skip
    uninstall_superfluous(plan)
    find_missing(plan)
    for file in plan.kept:
        if file in todo:
            pip(f"fetching {file.name}", *DOWNLOAD, "--dest", WHEELS, "-r", file)
    state.record(VENV, todo)


def bring_installer(file: Path) -> None:
    """Put the pinned pip in the place of the one that this Python brought; its wheel is kept."""
    pip("fetching the installer", *DOWNLOAD, "--progress-bar", "off", "--dest", WHEELS, "-r", file)
    with marked():
        pip("installing it", *INSTALL, "--find-links", WHEELS, "-r", file)
    state.record(VENV, [file])


def bring(files: list[Path]) -> None:
    """Download the wheels that the files pin, then install them."""
    pins = [part for file in files for part in ("-r", file)]
    progress = Progress(sum(len(state.packages(file)) for file in files))
    what = f"fetching the packages of {', '.join(file.name for file in files)}"
    pip(what, *DOWNLOAD, "--progress-bar", "raw", "--dest", FETCHED, *pins, progress=progress)
    with marked():
        pip("installing them", *INSTALL, "--find-links", FETCHED, *pins)
    shutil.rmtree(FETCHED)


def uninstall_superfluous(plan: Plan) -> None:
    """Take out what no file pins any more."""
    planned = [file for file in (*plan.files, *plan.partial, plan.project) if file]
    pinned = state.recorded_packages(VENV, beside=planned) | {name for file in planned for name in state.packages(file)}
    installed = {state.normal(distribution.name) for distribution in distributions(path=[site_packages()])}
    if superfluous := sorted(installed - pinned):
        with marked():
            pip(f"removing {', '.join(superfluous)}", "uninstall", "--yes", *superfluous)


def find_missing(plan: Plan) -> None:
    """See that every package finds what it depends on.

    Raises:
        Failed: a requirement file lacks a pin.
    """
    whole = {name for file in (*plan.files, plan.project) if file for name in state.packages(file)}
    check = subprocess.run([*PIP, "check"], env=environ(), capture_output=True, text=True, check=False)
    lacking = [line for line in check.stdout.splitlines() if state.normal(line.split()[0]) in whole]
    if check.returncode and lacking:
        raise Failed(f"a pin is missing: {lacking[0]} Pin it with ./dev lock", MISSING_PIN)


def pip(what: str, *arguments: str | Path, progress: Progress | None = None) -> None:
    """Run pip, its account in the log.

    Raises:
        Failed: pip failed.
    """
    account: list[str] = []

    def heard(line: str) -> str:
        account.append(line)
        return progress(line) if progress else ""

    code = follow([*PIP, *map(str, arguments)], what, heard, environ())
    if code and faults.is_vague(account):
        follow([*PIP, "-vv", "--retries", "0", *map(str, arguments)], "asking why", heard, environ())
    with LOG.open("a") as log:
        log.writelines(f"{faults.redacted(line)}\n" for line in account if not line.startswith("Progress "))
    if code:
        fault = faults.explain(account)
        raise Failed(f"{fault.text} (more in {LOG})", fault.code)


def environ() -> dict[str, str]:
    """This process's variables, less those that say what pip installs and where."""
    left_out = {f"PIP_{name}" for name in ASTRAY} | {"PYTHONPATH"}
    return {name: value for name, value in os.environ.items() if name not in left_out}


def site_packages() -> str:
    """Where the environment's packages lie."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return str(VENV / "lib" / version / "site-packages")


@contextmanager
def marked() -> Iterator[None]:
    """Mark the environment as unfinished: only a step that ends well takes the mark away."""
    mark = VENV / "unfinished"
    mark.touch()
    yield
    mark.unlink()


if __name__ == "__main__":
    sys.exit(main())
