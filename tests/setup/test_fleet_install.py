"""What the fleet's workflow installs with, executed as it stands: exactly the pins, and the tool beside them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tests.setup.index import PINNED, Index
from tests.setup.machine import ROOT, VERSION, Machine

# One worker makes the index and the environments that these tests copy.
pytestmark = pytest.mark.xdist_group("setup")

Install = Callable[[str], CompletedProcess[str]]


@pytest.fixture
def install(machine: Machine, tmp_path: Path) -> Install:
    """Runs the script of a checkout that has these pins, on a runner whose scratch is `tmp_path`."""
    (machine.root / ".github/fleet").mkdir(parents=True)
    shutil.copy2(ROOT / ".github/fleet/install", machine.root / ".github/fleet")

    def run(pins: str) -> CompletedProcess[str]:
        (machine.root / "requirements/fleet.txt").write_text(pins)
        return machine.run(["/bin/bash", ".github/fleet/install"], RUNNER_TEMP=str(tmp_path))

    return run


def installed(scratch: Path) -> dict[str, str]:
    """Every package of the runner's environment with its version."""
    folder = scratch / "apparch/lib" / VERSION / "site-packages"
    return {found.name: found.version for found in distributions(path=[str(folder)])}


def test_it_installs_the_pins_and_the_tool_of_its_own_checkout(install: Install, index: Index, tmp_path: Path) -> None:
    """Nothing newer, though the index has it."""
    done = install("".join(index.add(release) for release in PINNED))
    assert (done.returncode, done.stderr) == (0, "")
    pins = {release.name: release.version for release in PINNED}
    assert (pins | {"tiny-project": "1.0"}).items() <= installed(tmp_path).items()


def test_a_package_that_is_not_what_was_pinned_ends_it(install: Install, index: Index, tmp_path: Path) -> None:
    """The workflow fails there, and the tool is not installed beside half of its packages."""
    pins = index.add(PINNED[0])
    done = install(pins[:-5] + "0000\n" if not pins.endswith("0000\n") else pins[:-5] + "1111\n")
    assert (done.returncode, "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr) == (1, True)
    assert {"tiny-backend", "tiny-project"}.isdisjoint(installed(tmp_path))
