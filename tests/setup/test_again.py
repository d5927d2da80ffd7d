"""The set-up of a machine that was set up before, wholly or in part, and by a user with settings of their own."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from tests.setup.index import PINNED, Index, Release
from tests.setup.machine import INSTALLER, PINS, PYTHON, Machine

# One worker makes the index and the environments that these tests copy.
pytestmark = pytest.mark.xdist_group("setup")

NOBODY = "http://127.0.0.1:9/simple"
ANEW = "==> .venv was left unfinished or has lost its Python: it is made anew"


def test_the_second_run_needs_no_index_and_says_nothing(whole: Machine) -> None:
    """What is there as pinned is not asked for again."""
    done = whole.set_up(PIP_INDEX_URL=NOBODY)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_index_may_be_named_in_pips_configuration(begun: Machine, index: Index, tmp_path: Path) -> None:
    """As in the variables; an address with a user and a password serves too."""
    configuration = tmp_path / "home/.config/pip/pip.conf"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(f"[global]\nindex-url = {index.address.replace('//', '//me:hunter2@')}\n")
    begun.environ["HOME"] = str(tmp_path / "home")
    del begun.environ["PIP_INDEX_URL"], begun.environ["PIP_CONFIG_FILE"]
    assert begun.set_up().returncode == 0
    assert PINS.items() <= begun.installed().items()


def test_settings_for_other_environments_lead_nothing_astray(begun: Machine, tmp_path: Path) -> None:
    """A user who installs elsewhere, builds everything or holds versions back gets what is pinned here."""
    (tmp_path / "held.txt").write_text("cover==0.5\n")
    done = begun.set_up(
        PIP_TARGET=str(tmp_path / "elsewhere"), PIP_PREFIX=str(tmp_path / "elsewhere"), PIP_USER="1",
        PIP_CONSTRAINT=str(tmp_path / "held.txt"), PIP_NO_BINARY=":all:", PIP_REQUIRE_VIRTUALENV="1",
        PYTHONPATH=str(tmp_path / "elsewhere"),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert PINS.items() <= begun.installed().items()
    assert not (tmp_path / "elsewhere").exists()


def test_a_killed_install_is_made_anew(begun: Machine) -> None:
    """Packages that were half written are not taken for whole."""
    mark = begun.root / ".venv/unfinished"
    with begun.begin() as process:
        while not mark.exists():
            assert process.poll() is None, "the install ended before it could be killed"
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGKILL)
    done = begun.set_up()
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, ANEW)
    assert PINS.items() <= begun.installed().items()
    assert not mark.exists()


def test_an_interrupt_is_one_line(begun: Machine) -> None:
    """Ctrl-C while packages are fetched leaves the environment usable."""
    with begun.begin() as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "==> fetching the packages of test.txt, tools.txt\n"
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=300)
    assert (process.returncode, said) == (130, "interrupted; the same command goes on from here\n")
    assert not (begun.root / ".venv/unfinished").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(begun: Machine) -> None:
    """As after an upgrade of the system."""
    python = begun.root / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/usr/bin/python3.0")
    done = begun.set_up(INSTALLER)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, ANEW)
    assert python.resolve() == PYTHON


def test_an_environment_made_by_hand_gets_what_is_pinned(machine: Machine) -> None:
    """Only what the set-up itself has recorded counts as installed."""
    machine.run(["python3", "-m", "venv", ".venv"])
    assert machine.set_up().returncode == 0
    assert PINS.items() <= machine.installed().items()


def test_a_record_that_was_cut_off_counts_for_nothing(whole: Machine) -> None:
    """What is there is compared with the pins again."""
    (whole.root / ".venv/made-with.json").write_text('{"test.txt": ')
    done = whole.set_up()
    assert (done.returncode, done.stderr) == (0, "")
    assert PINS.items() <= whole.installed().items()


@pytest.mark.parametrize("pins", ["raised", "dropped"])
def test_changed_pins_are_followed(whole: Machine, index: Index, pins: str) -> None:
    """A raised pin replaces the package; one that is dropped takes it away."""
    kept = [index.add(release) for release in PINNED if release.name != "toml-reader"]
    raised = [index.add(Release("toml-reader", "2.0"))] if pins == "raised" else []
    (whole.root / "requirements/test.txt").write_text("".join(kept + raised))
    done = whole.set_up()
    assert (done.returncode, done.stderr) == (0, "")
    assert whole.installed().get("toml-reader") == {"raised": "2.0", "dropped": None}[pins]
