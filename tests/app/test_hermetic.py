"""Whether the reference app's tests need anything of the machine or the environment that they run in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "snippets/app"
GUARD = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "local socket"
        if host not in ("127.0.0.1", "localhost", "::1", "local socket"):
            raise ConnectionRefusedError(f"a test asked {host}")
    if event == "socket.bind" and isinstance(arguments[1], tuple) and 0 < arguments[1][1] < 10_000:
        raise OSError(f"a test took the port {arguments[1][1]}, which another program may have")

sys.addaudithook(refuse)
"""


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, str]:
    """No variable of this machine's, a clock far from it, only the loopback in reach and no known port free there."""
    (tmp_path / "sitecustomize.py").write_text(GUARD, "utf-8")
    python = {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    return {"PATH": os.defpath, "HOME": str(tmp_path), "TZ": "Pacific/Kiritimati", **python}


def run(arguments: list[str], environ: dict[str, str], directory: Path) -> subprocess.CompletedProcess[str]:
    """Python in that environment, its output kept."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=directory, env=environ, capture_output=True, text=True, check=False
    )


@pytest.mark.rule("DIR011")
def test_the_apps_tests_pass_with_an_empty_environment_and_no_network(alone: dict[str, str]) -> None:
    """The unit tests pass where no variable is set and nothing but the loopback answers."""
    done = run(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit"], alone, APP)

    assert 0 == done.returncode, done.stdout[-3000:]


def test_the_guard_refuses_what_is_not_the_loopback(alone: dict[str, str], tmp_path: Path) -> None:
    """Were a test to ask another host, or to take a well-known port, it would fail."""
    code = "import socket; socket.create_connection(('192.0.2.1', 9), timeout=1)"

    done = run(["-c", code], alone, tmp_path)

    assert "a test asked 192.0.2.1" in done.stderr

    code = "import socket; socket.socket().bind(('127.0.0.1', 8080))"

    done = run(["-c", code], alone, tmp_path)

    assert "a test took the port 8080" in done.stderr
