"""The command that a container starts, taken from the image and from everything that Deploy renders, and run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]
import pytest
from tests.deploy.rendering import RENDERINGS, container, rendering
from tests.kube import ROOT, only

APP = ROOT / "snippets/app"
sys.path[:0] = [str(APP / "src"), str(APP / "tests")]

from fixtures.environment import ENVIRONMENT, free_port  # noqa: E402
from fixtures.process import PATIENCE  # noqa: E402


def commands() -> set[tuple[str, ...]]:
    """What a pod of the app is started with, of all that can be deployed."""
    dockerfile = (APP / "docker/Dockerfile").read_text()
    assert "ENTRYPOINT" not in dockerfile
    *_, default = re.findall(r"^CMD (.*)$", dockerfile, re.MULTILINE)  # that of the last stage
    found = {tuple(json.loads(default))}
    for name in RENDERINGS:
        app = container(only(rendering(name), "Deployment"))
        if "command" in app or "args" in app:
            found.add((*app.get("command", ()), *app.get("args", ())))
    return found


@pytest.mark.rule("TWF006", "TWF007")
def test_a_container_is_one_process_that_listens_at_service_port() -> None:
    """Whichever command starts it, it opens that port and no other, and starts no process beside itself."""
    for command in sorted(commands()):
        port = free_port()
        with started(command, port) as process:
            assert listening(process) == {port}, command
            assert process.children(recursive=True) == [], command


@contextmanager
def started(command: tuple[str, ...], port: int) -> Iterator[psutil.Process]:
    """The command, run with a complete environment; nothing of it is left."""
    program = sys.executable if command[0] == "python" else str(Path(sys.executable).with_name(command[0]))
    environ = {**ENVIRONMENT, "SERVICE_PORT": str(port), "PYTHONPATH": str(APP / "src"), "PATH": os.environ["PATH"]}
    process = psutil.Popen([program, *command[1:]], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        family = [process, *process.children(recursive=True)]
        for each in family:
            each.kill()
        psutil.wait_procs(family, timeout=10)


def listening(process: psutil.Process) -> set[int]:
    """The ports that it and its children listen at, as soon as one of them answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.is_running():
        family = [process, *process.children(recursive=True)]
        sockets = [each for one in family for each in one.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
        ports = {socket.laddr.port for socket in sockets}
        if any(alive(port) for port in ports):
            return ports
        time.sleep(0.05)
    raise AssertionError(f"{process.cmdline()} answers at no port")


def alive(port: int) -> bool:
    """Whether the app answers there."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=1).status_code == 200
    except httpx.TransportError:
        return False
