"""The set-up that the reference app's README tells its reader, on the same index and with the same old pip."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.setup.index import CARRIER, Index, Release
from tests.setup.machine import PINS, ROOT, Machine

# One worker makes the index and the environments that these tests copy.
pytestmark = pytest.mark.xdist_group("setup")
APP = ROOT / "snippets/app"


def commands() -> list[str]:
    """What the section "Set up" tells to type."""
    section = re.search(r"^## Set up$(.*?)^## ", (APP / "docs/README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert section, "docs/README.md has no section on setting up"
    return re.findall(r"^\$ (.*)$", section[1], re.MULTILINE)


@pytest.fixture
def reader(machine: Machine) -> Machine:
    """A machine with a repository like the app's."""
    shutil.copy(machine.root / "requirements/test.txt", machine.root / "requirements-dev.txt")
    shutil.copy(APP / "requirements-pip.txt", machine.root)
    return machine


def assert_as_pinned(reader: Machine, typed: list[str], installer: Path) -> None:
    """Type the commands: each ends well, and the environment holds what is pinned."""
    for command in typed:
        done = reader.run(["sh", "-c", command])
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    pinned = {name: version for name, version in PINS.items() if name != CARRIER.name}
    assert reader.installed() == {**pinned, "pip": installer.name.split("-")[1], "tiny-project": "1.0"}


def test_the_commands_make_what_is_pinned(reader: Machine, installer: Path) -> None:
    """There are five, and the oldest pip carries them out."""
    assert len(commands()) == 5
    assert_as_pinned(reader, commands(), installer)


BREACHES: dict[str, Callable[[str], str]] = {
    "the installer is taken out": lambda command: "" if "requirements-pip.txt" in command else command,
    "what it needs is built in isolation": lambda command: command.replace("--no-build-isolation ", ""),
    "nothing is left of it": lambda command: "" if "requirements-pip" in command else command.replace("--no-deps ", ""),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_commands_that_age_are_noticed(breach: str, reader: Machine, installer: Path) -> None:
    """The proof above fails when a part that it rests on is gone."""
    typed = [BREACHES[breach](command) for command in commands()]
    assert typed != commands()
    with pytest.raises(AssertionError):
        assert_as_pinned(reader, [command for command in typed if command], installer)


def test_the_last_command_tells_a_missing_pin(reader: Machine, index: Index) -> None:
    """Nothing else would, since nothing is resolved."""
    pin = index.add(Release("asks-for-more", "1.0", ("left-out>=2",)))
    with (reader.root / "requirements-dev.txt").open("a") as pins:
        pins.write(pin)
    done = [reader.run(["sh", "-c", command]) for command in commands()]
    assert [each.returncode for each in done] == [0, 0, 0, 0, 1]
    assert "asks-for-more 1.0 requires left-out, which is not installed." in done[-1].stdout


def test_both_repositories_pin_the_same_installer() -> None:
    """The project sets up what the app's reader sets up."""
    assert (APP / "requirements-pip.txt").read_text() == (ROOT / "requirements/installer.txt").read_text()
