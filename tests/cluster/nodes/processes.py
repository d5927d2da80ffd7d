"""A container as a process of this machine: started, measured, stopped, its output kept in a file."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from tests.cluster.nodes.images import Command

KILLED = 128 + signal.SIGKILL


class Process:
    """A started container."""

    def __init__(self, command: Command, environ: dict[str, str], log: Path) -> None:
        self.log = log
        # A file, not a pipe: a pipe that nobody reads would stop the process at its next line.
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command.arguments,
                env={**command.environ, **environ},
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                user=command.user,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """As Kubernetes tells it: 128 and the signal for one that was killed; None while it runs."""
        code = self._process.poll()
        return code if code is None or code >= 0 else 128 - code

    def memory(self) -> int:
        """Bytes of memory that it holds with its children; 0 once it has ended."""
        total = 0
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            for each in (process, *process.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    total += each.memory_info().rss
        return total

    def signal(self, number: int) -> None:
        """Send a signal to it alone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def wait(self, seconds: float) -> bool:
        """Whether it ends within so many seconds."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it and all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(30)
