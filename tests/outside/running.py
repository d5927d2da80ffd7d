"""An app as a process: started on a free port, asked for its probes, signalled, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.outside.target import Request, Target
from tests.outside.wire import Answer, Gone, ask
from tests.ports import free_port

TAIL = 5
"""How many of its last lines of output are kept as evidence."""


@dataclass
class Running:
    """A started process."""

    target: Target
    port: int
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    seen: int = 0
    """The status of the last request that was judged; 0 where no answer came."""

    def ask(self, request: Request, patience: float = 30.0) -> Answer:
        """One request over a connection of its own; raises Gone where no whole answer comes."""
        return ask(self.port, request.as_bytes(connection="close"), patience)

    def status(self, path: str, patience: float = 5.0) -> int:
        """The status of a GET; 0 where none came."""
        try:
            return self.ask(Request(path=path), patience).status
        except Gone:
            return 0

    def becomes(self, path: str, status: int) -> bool:
        """Whether a path answers with a status within the time of a start, as long as the process lives."""
        return within(
            self.target.start_seconds, lambda: self.process.poll() is not None or self.status(path, 2.0) == status
        ) and (self.process.poll() is None)

    def answers(self, request: Request) -> bool:
        """Whether a request is answered as it should be; what it was answered with is kept in `seen`."""
        try:
            self.seen = self.ask(request).status
        except Gone:
            self.seen = 0
        return self.seen in request.statuses

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal, if the process still lives."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def exit_code(self, seconds: float) -> int | None:
        """Its exit code, negative for the signal that ended it; None where it still lives after some seconds."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def tail(self) -> list[str]:
        """The last lines that it wrote, and its exit code where it has ended."""
        self.output.seek(0)
        lines = self.output.read().decode("utf-8", "replace").splitlines()[-TAIL:]
        return lines if self.process.poll() is None else [*lines, f"it ended with exit code {self.process.returncode}"]


@contextlib.contextmanager
def started(target: Target, extra: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Start an app, without waiting for it; it is gone when the block ends."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": tempfile.gettempdir(),
        **target.environment,
        **(extra or {}),
        target.port_variable: str(port),
    }
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            target.command, cwd=Path(target.directory), env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield Running(target, port, process, output)
        finally:
            process.kill()
            process.wait()


def within(seconds: float, holds: Callable[[], object], pause: float = 0.05) -> bool:
    """Whether something becomes so within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(pause)
    return False
