"""Long steps show that they live."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest
from requirements.alive import follow
from requirements.progress import Progress
from tests.setup.machine import ROOT

# One worker makes the index and the environments that these tests copy.
pytestmark = pytest.mark.xdist_group("setup")

SLOW = [sys.executable, "-c", "import time; print('Collecting lark==1.0', flush=True); time.sleep(1)"]


def test_a_step_says_at_intervals_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each time, where the output is no terminal."""
    assert follow(SLOW, "fetching", Progress(7), every=0.2) == 0
    first, *signs = capsys.readouterr().out.splitlines()
    assert first == "==> fetching"
    assert len(signs) >= 2
    assert re.fullmatch(r"    fetching, \d s: 1 of 7, lark", signs[-1])


def test_on_a_terminal_the_line_is_written_over() -> None:
    """And is gone when the step ends."""
    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "requirements.alive", "waiting", *SLOW]
    subprocess.run(command, cwd=ROOT, stdout=terminal, check=True)
    os.close(terminal)
    said = os.read(main, 10_000).decode()
    os.close(main)
    assert re.fullmatch(r"==> waiting\r\n(\r\x1b\[K    waiting, \d s)+\r\x1b\[K", said)


def test_the_output_of_what_fails_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    """Of what goes well it is not."""
    command = [sys.executable, "-m", "requirements.alive", "trying", sys.executable, "-c", "print('why'); exit(3)"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 3
    assert capfd.readouterr() == ("==> trying\n", "why\n")


LINES = {
    "Collecting cover-plugin==1.0 (from -r requirements/test.txt (line 3))": "1 of 9, cover-plugin",
    "Processing ./.venv/fetched/toml_reader-1.0-py3-none-any.whl": "1 of 9, toml_reader",
    "Progress 12000000 of 45000000": "0 of 9,  12 of 45 MB",
    "Saved ./.venv/fetched/cover-1.0-py3-none-any.whl": "",
}


@pytest.mark.parametrize("line", LINES)
def test_how_far_pip_is_stands_in_what_it_prints(line: str) -> None:
    """Packages begun, and the size of a long download."""
    assert Progress(9)(line) == LINES[line]
