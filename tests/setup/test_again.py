"""The set-up of a machine that was set up before, wholly or in part, and by a user with settings of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.setup.index import PINNED, Index, Release
from tests.setup.machine import PINS, Machine

NOBODY = "http://127.0.0.1:9/simple"


def test_the_second_run_needs_no_index_and_says_nothing(machine: Machine, index: Index) -> None:
    """What is there as pinned is not asked for again."""
    assert machine.set_up().returncode == 0
    index.asked.clear()
    done = machine.set_up(PIP_INDEX_URL=NOBODY)
    assert (done.returncode, done.stdout, done.stderr, index.asked) == (0, "", "", [])


def test_the_index_may_be_named_in_pips_configuration(machine: Machine, index: Index, tmp_path: Path) -> None:
    """As in the variables; an address with a user and a password serves too."""
    configuration = tmp_path / "home/.config/pip/pip.conf"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(f"[global]\nindex-url = {index.address.replace('//', '//me:hunter2@')}\n")
    machine.environ["HOME"] = str(tmp_path / "home")
    del machine.environ["PIP_INDEX_URL"], machine.environ["PIP_CONFIG_FILE"]
    assert machine.set_up().returncode == 0
    assert PINS.items() <= machine.installed().items()


def test_settings_for_other_environments_lead_nothing_astray(machine: Machine, tmp_path: Path) -> None:
    """A user who installs elsewhere, builds everything or holds versions back gets what is pinned here."""
    (tmp_path / "held.txt").write_text("cover==0.5\n")
    done = machine.set_up(
        PIP_TARGET=str(tmp_path / "elsewhere"), PIP_PREFIX=str(tmp_path / "elsewhere"), PIP_USER="1",
        PIP_CONSTRAINT=str(tmp_path / "held.txt"), PIP_NO_BINARY=":all:", PIP_REQUIRE_VIRTUALENV="1",
        PYTHONPATH=str(tmp_path / "elsewhere"),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert PINS.items() <= machine.installed().items()
    assert not (tmp_path / "elsewhere").exists()


def test_a_killed_install_is_made_anew(machine: Machine) -> None:
    """Packages that were half written are not taken for whole."""
    machine.set_up("--installer", "requirements/installer.txt")
    mark = machine.root / ".venv/unfinished"
    command = [
        "requirements/environment",
        ".venv",
        "--installer",
        "requirements/installer.txt",
        "requirements/test.txt",
    ]
    process = subprocess.Popen(
        command, cwd=machine.root, env=machine.environ, start_new_session=True, stdout=subprocess.DEVNULL
    )
    while not mark.exists():
        assert process.poll() is None, "the install ended before it could be killed"
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = machine.set_up()
    assert done.returncode == 0
    assert done.stdout.startswith("==> .venv was left unfinished or has lost its Python: it is made anew\n")
    assert PINS.items() <= machine.installed().items()
    assert not mark.exists()


def test_an_interrupt_is_one_line(machine: Machine) -> None:
    """Ctrl-C while packages are fetched leaves the environment usable."""
    machine.set_up("--installer", "requirements/installer.txt")
    process = subprocess.Popen(
        ["requirements/environment", ".venv", "--installer", "requirements/installer.txt", "requirements/test.txt"],
        cwd=machine.root, env=machine.environ, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "==> fetching the packages of test.txt\n"
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "interrupted; the same command goes on from here\n")
    assert not (machine.root / ".venv/unfinished").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(machine: Machine) -> None:
    """As after an upgrade of the system."""
    machine.set_up("--installer", "requirements/installer.txt")
    python = machine.root / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/usr/bin/python3.0")
    assert machine.set_up().returncode == 0
    assert PINS.items() <= machine.installed().items()


def test_an_environment_made_by_hand_is_made_anew(machine: Machine) -> None:
    """Only what the set-up itself has recorded counts as installed."""
    machine.run(["python3", "-m", "venv", ".venv"])
    assert machine.set_up().returncode == 0
    assert PINS.items() <= machine.installed().items()


@pytest.mark.parametrize("pins", ["raised", "dropped"])
def test_changed_pins_are_followed(machine: Machine, index: Index, pins: str) -> None:
    """A raised pin replaces the package; one that is dropped takes it away."""
    machine.set_up()
    kept = [index.add(release) for release in PINNED if release.name != "toml-reader"]
    raised = [index.add(Release("toml-reader", "2.0"))] if pins == "raised" else []
    (machine.root / "requirements/test.txt").write_text("".join(kept + raised))
    done = machine.set_up()
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.installed().get("toml-reader") == {"raised": "2.0", "dropped": None}[pins]
