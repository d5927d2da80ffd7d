"""The pinned pip and the oldest one as wheels, an index and a machine for each test."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.setup.index import NEWER, Index, served
from tests.setup.machine import EVERYTHING, INSTALLER, ROOT, Machine, make_machine
from tests.tools import cannot_run


@pytest.fixture(scope="session")
def installer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the pip that installs everything."""
    return pinned_wheel("installer.txt", tmp_path_factory.mktemp("installer"))


@pytest.fixture(scope="session")
def oldest_pip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the oldest pip that came with any release of this Python."""
    return pinned_wheel("oldest-pips.txt", tmp_path_factory.mktemp("oldest"))


@pytest.fixture(scope="session")
def brought(oldest_pip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a new environment of a Python with that pip holds."""
    folder = tmp_path_factory.mktemp("brought")
    with zipfile.ZipFile(oldest_pip) as wheel:
        wheel.extractall(folder)
    subprocess.run([sys.executable, "-m", "compileall", "-q", folder], check=False, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory, installer: Path) -> Iterator[Index]:
    """An index that has what is pinned, and something newer of each."""
    with served(tmp_path_factory.mktemp("index")) as index:
        for release in NEWER:
            index.add(release)
        index.add_file("pip", installer)
        yield index


@pytest.fixture
def machine(tmp_path: Path, index: Index, brought: Path) -> Machine:
    """A machine that was never set up."""
    index.asked.clear()
    return make_machine(tmp_path, index, brought)


@pytest.fixture(scope="session")
def begun_environment(tmp_path_factory: pytest.TempPathFactory, index: Index, brought: Path) -> Path:
    """An environment with the installer and nothing else."""
    return made_environment(make_machine(tmp_path_factory.mktemp("begun"), index, brought), INSTALLER)


@pytest.fixture(scope="session")
def whole_environment(tmp_path_factory: pytest.TempPathFactory, index: Index, brought: Path) -> Path:
    """An environment with everything."""
    return made_environment(make_machine(tmp_path_factory.mktemp("whole"), index, brought), EVERYTHING)


@pytest.fixture
def begun(machine: Machine, begun_environment: Path) -> Machine:
    """A machine on which the set-up got as far as the installer."""
    shutil.copytree(begun_environment, machine.root / ".venv", symlinks=True)
    return machine


@pytest.fixture
def whole(machine: Machine, whole_environment: Path) -> Machine:
    """A machine that is set up."""
    shutil.copytree(whole_environment, machine.root / ".venv", symlinks=True)
    return machine


def made_environment(machine: Machine, options: Sequence[str]) -> Path:
    """The environment that the set-up makes on the machine."""
    done = machine.set_up(options)
    assert (done.returncode, done.stderr) == (0, "")
    return machine.root / ".venv"


def pinned_wheel(file: str, folder: Path) -> Path:
    """A wheel that ./dev fetched into its environment; in an environment made otherwise it is fetched now."""
    versions = re.findall(r"^pip==(\S+)", (ROOT / "requirements" / file).read_text(), re.MULTILINE)
    kept = Path(sys.prefix) / "wheels"
    there = [wheel for wheel in kept.glob("pip-*.whl") if wheel.name.split("-")[1] in versions]
    if len(there) != 1:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        command += ["--dest", str(folder), "-r", str(ROOT / "requirements" / file)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            cannot_run(f"the wheel of {file} is neither in this environment nor on an index: make it with ./dev test")
        there = list(folder.glob("*.whl"))
    return there[0]
