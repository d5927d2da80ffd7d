"""What a user is told when the set-up cannot go on: one line, an exit code of its own, never a secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.setup.index import Index, Release
from tests.setup.machine import INSTALLER, PYTHON, VERSION, Machine

# One worker makes the index and the environments that these tests copy.
pytestmark = pytest.mark.xdist_group("setup")

NOBODY = "http://reader:hunter2@127.0.0.1:9/t0ken/simple"
"""A mirror that does not answer, with a secret in two places."""
UNREACHABLE = (
    "the package index cannot be reached: check the network; an index or mirror is set with PIP_INDEX_URL or in"
    " pip.conf (more in {log})\n"
)


def replace_python(machine: Machine, script: str, name: str = "python3") -> None:
    """Put a program in the place of the machine's Python."""
    program = Path(machine.environ["PATH"]) / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def log_of(machine: Machine) -> Path:
    """Where pip's own account is."""
    return machine.root / ".venv/set-up.log"


def test_without_a_supported_python_it_says_which_to_install(machine: Machine) -> None:
    """The one that is there is named."""
    replace_python(machine, 'case "$1" in --version) echo "Python 3.10.13" ;; *) exit 1 ;; esac')
    done = machine.set_up()
    assert (done.returncode, done.stderr) == (
        3,
        "Python 3.11 to 3.14 is needed, and python3 is Python 3.10.13: install one of them"
        " (Debian 12, Ubuntu 24.04 or later: apt-get install python3 python3-venv)\n",
    )
    assert not (machine.root / ".venv").exists()


def test_a_newer_python_under_another_name_is_found(machine: Machine) -> None:
    """Where `python3` is too old, `python3.11` and later are asked."""
    programs = Path(machine.environ["PATH"])
    (programs / "python3").rename(programs / "python3.12")
    replace_python(machine, "exit 1")
    assert machine.set_up(INSTALLER).returncode == 0


def test_without_the_venv_module_it_names_the_package(machine: Machine) -> None:
    """Debian keeps what makes virtual environments in a package of its own for each Python."""
    replace_python(machine, f"""exec "{PYTHON}" "$1" "import sys; sys.modules['ensurepip'] = None; $2" """)
    done = machine.set_up()
    python = Path(machine.environ["PATH"]) / "python3"
    assert (done.returncode, done.stderr) == (
        4, f"{python} cannot make a virtual environment: install {VERSION}-venv (apt-get install {VERSION}-venv)\n",
    )  # fmt: skip
    assert not (machine.root / ".venv").exists()


def test_an_index_that_cannot_be_reached_is_told_in_one_line(machine: Machine) -> None:
    """By the old pip, without a secret: not on the terminal, and no password in the log, which is the user's alone."""
    done = machine.set_up(PIP_INDEX_URL=NOBODY)
    assert (done.returncode, done.stderr) == (5, UNREACHABLE.format(log=log_of(machine)))
    assert not re.search("hunter2|t0ken", done.stdout)
    assert "hunter2" not in log_of(machine).read_text()
    assert oct(log_of(machine).stat().st_mode & 0o777) == "0o600"


def test_an_index_that_goes_away_is_told_in_the_same_line(begun: Machine) -> None:
    """By the pinned pip; what was there is left as it was."""
    before = begun.installed()
    done = begun.set_up(PIP_INDEX_URL=NOBODY)
    assert (done.returncode, done.stderr) == (5, UNREACHABLE.format(log=log_of(begun)))
    assert not re.search("hunter2|t0ken", done.stdout)
    assert "hunter2" not in log_of(begun).read_text()
    assert begun.installed() == before
    assert not (begun.root / ".venv/unfinished").exists()


def test_what_the_index_lacks_is_named(begun: Machine, index: Index) -> None:
    """A package without a wheel for this Python is not built from its source."""
    folder = index.folder / "simple/only-source"
    folder.mkdir(exist_ok=True)
    (folder / "only_source-1.0.tar.gz").write_bytes(b"")
    pin = f"only-source==1.0 --hash=sha256:{'0' * 64}\n"
    (begun.root / "requirements/test.txt").write_text(pin)
    done = begun.set_up()
    assert (done.returncode, done.stderr) == (
        6,
        "the package index has no wheel of only-source==1.0 for this Python and machine; an index or mirror is set"
        f" with PIP_INDEX_URL or in pip.conf (more in {log_of(begun)})\n",
    )


def test_a_file_that_is_not_the_pinned_one_is_refused(begun: Machine) -> None:
    """Nothing of it is installed."""
    pins = begun.root / "requirements/test.txt"
    pins.write_text(re.sub(r"(toml-reader.*\n.*sha256:)\w{4}", r"\g<1>0000", pins.read_text()))
    done = begun.set_up()
    assert (done.returncode, done.stderr) == (
        6,
        f"the index gives another file than the one pinned; nothing of it was installed (more in {log_of(begun)})\n",
    )
    assert "toml-reader" not in begun.installed()


def test_a_missing_pin_is_told(begun: Machine, index: Index) -> None:
    """Each time, until it is pinned: nothing else would notice what is not resolved."""
    pin = index.add(Release("asks-for-more", "1.0", ("left-out>=2",)))
    (begun.root / "requirements/test.txt").open("a").write(pin)
    for _ in range(2):
        done = begun.set_up()
        assert (done.returncode, done.stderr) == (
            7,
            "a pin is missing: asks-for-more 1.0 requires left-out, which is not installed. Pin it with ./dev lock\n",
        )


@pytest.mark.parametrize("content", ["a file", "a folder"])
def test_what_is_no_environment_is_left_alone(machine: Machine, content: str) -> None:
    """A wrong name must not cost a user their files."""
    venv = machine.root / ".venv"
    venv.mkdir()
    (venv / "mine").mkdir() if content == "a folder" else (venv / "mine").touch()
    done = machine.set_up()
    assert (done.returncode, done.stderr) == (
        1, ".venv is not a virtual environment: move it away, or name another place\n",
    )  # fmt: skip
    assert (venv / "mine").exists()


def test_a_disk_that_refuses_is_told_in_one_line(machine: Machine) -> None:
    """The last line of what Python says of it, without the way there."""
    fails = "printf 'Traceback\\nError: the disk is full' >&2; exit 1"
    replace_python(machine, f'case "$1" in -m) {fails} ;; *) exec "{PYTHON}" "$@" ;; esac')
    done = machine.set_up()
    python = Path(machine.environ["PATH"]) / "python3"
    assert (done.returncode, done.stderr) == (6, f"{python} cannot make .venv: Error: the disk is full\n")
    assert (machine.root / ".venv/unfinished").exists()


def test_a_file_that_is_not_there_is_told_in_one_line(begun: Machine) -> None:
    """As when a requirements file is left out of a checkout."""
    (begun.root / "requirements/test.txt").unlink()
    done = begun.set_up()
    assert (done.returncode, done.stderr) == (
        6,
        "the set-up stops at requirements/test.txt: No such file or directory\n",
    )


def test_without_any_python_it_says_so(machine: Machine) -> None:
    """The line is the same, and no command of the shell adds one."""
    (Path(machine.environ["PATH"]) / "python3").unlink()
    done = machine.set_up()
    assert (done.returncode, done.stderr.splitlines()) == (
        3,
        [
            "Python 3.11 to 3.14 is needed, and python3 is not there: install one of them"
            " (Debian 12, Ubuntu 24.04 or later: apt-get install python3 python3-venv)"
        ],
    )
