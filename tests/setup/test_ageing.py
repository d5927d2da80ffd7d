"""The set-up as it will be once the index has a newer release of everything that is pinned."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.setup.index import Index
from tests.setup.machine import PINS, Machine, change

# One worker makes the index and the environments that these tests copy.
pytestmark = pytest.mark.xdist_group("setup")


def assert_as_pinned(machine: Machine, index: Index, installer: Path) -> None:
    """Set the machine up: it holds what is pinned, and asked the index for nothing else."""
    done = machine.set_up()
    assert (done.returncode, done.stderr) == (0, "")
    pip = installer.name.split("-")[1]
    assert machine.installed() == {**PINS, "pip": pip, "tiny-project": "1.0"}
    fetched = {path.split("/")[-1] for path in index.asked if path.endswith(".whl")}
    assert fetched == {f"{name.replace('-', '_')}-{PINS.get(name, pip)}-py3-none-any.whl" for name in (*PINS, "pip")}


def test_the_oldest_pip_makes_what_is_pinned(machine: Machine, index: Index, installer: Path) -> None:
    """Newer releases change nothing, and neither does an extra that a pinned package asks for."""
    assert_as_pinned(machine, index, installer)


NO_INSTALLER = ("bring_installer(plan.installer)", "pass")
RESOLVED = (('"download", "--no-deps",', '"download",'), ('"install", "--no-deps", "--require-hashes"', '"install"'))
BREACHES = {
    "the installer is taken out": (NO_INSTALLER,),
    "what is pinned is resolved again": RESOLVED,
    "the old pip resolves": (NO_INSTALLER, ('"--progress-bar", "raw"', '"--progress-bar", "off"'), *RESOLVED),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_set_up_that_ages_is_noticed(breach: str, machine: Machine, index: Index, installer: Path) -> None:
    """The proof above fails when a step that it rests on is gone."""
    for old, new in BREACHES[breach]:
        change(machine, "environment.py", old, new)
    with pytest.raises(AssertionError):
        assert_as_pinned(machine, index, installer)


def test_the_index_is_one_on_which_an_old_pip_fails(machine: Machine, oldest_pip: Path) -> None:
    """Before 24, pip takes an extra of a pinned package for a new requirement, and finds the newer release."""
    machine.run(["python3", "-m", "venv", ".venv"])
    command = [".venv/bin/python", "-m", "pip", "install", "--require-hashes", "-r", "requirements/test.txt"]
    done = machine.run(command)
    refused = re.search(r"must have their versions pinned.*\n\s+cover\[toml\]>=1.0", done.stderr)
    assert bool(refused) == (int(oldest_pip.name.split("-")[1].split(".")[0]) < 24)
