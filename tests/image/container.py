"""Run an image as a container runtime does: PID 1 of its own, the image's user, a read-only root, no capability."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from tests.image.oci import Image, Store

PATIENCE = 60.0
T = TypeVar("T")
DEVICE = {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]}
SCRATCH = {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "size=16m"]}


@dataclass(frozen=True)
class Container:
    """A running container and the process that waits for it."""

    name: str
    runc: Sequence[str]
    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        """The number that this machine gives to the container's first process."""
        return int(json.loads(_output([*self.runc, "state", self.name]))["pid"])

    def status(self) -> dict[str, str]:
        """What the kernel says about the first process."""
        lines = Path(f"/proc/{self.pid}/status").read_text("utf-8").splitlines()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}

    def execute(self, *command: str) -> tuple[int, str]:
        """Run a command beside the first process; exit code and output."""
        done = subprocess.run(
            [*self.runc, "exec", self.name, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def terminate(self, patience: float = PATIENCE) -> int:
        """Send SIGTERM to the first process, as the kubelet does; the exit code, or TimeoutExpired."""
        _output([*self.runc, "kill", self.name, "TERM"])
        return self.process.wait(patience)

    def eventually(self, found: Callable[[], T | None]) -> T:
        """What `found` returns as soon as that is not None; fails when the container ends first."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            if (result := found()) is not None:
                return result
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"it never happened: {self.process.communicate()[0]}")


@contextmanager
def running(
    store: Store, image: Image, directory: Path, environ: Mapping[str, str], command: Sequence[str] = ()
) -> Iterator[Container]:
    """Start the image with this environment, by its own command or another one; it is gone when the block ends."""
    name = f"test-{uuid4().hex[:12]}"
    bundle = directory / name
    bundle.mkdir(parents=True)
    runc = ["runc", "--root", str(bundle / "state")]
    with store.mounted(image.name) as root:
        specification = _specification(image, root, environ, command)
        (bundle / "config.json").write_text(json.dumps(specification), encoding="utf-8")
        process = subprocess.Popen(
            [*runc, "run", "--bundle", str(bundle), name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            yield Container(name, runc, process)
        finally:
            subprocess.run([*runc, "delete", "--force", name], capture_output=True, check=False)
            process.communicate()


def run(
    store: Store, image: Image, directory: Path, environ: Mapping[str, str], command: Sequence[str] = ()
) -> tuple[int, str]:
    """Run the image until it ends by itself; exit code and output."""
    with running(store, image, directory, environ, command) as container:
        output, _ = container.process.communicate(timeout=PATIENCE)
        return container.process.returncode, output


def _specification(image: Image, root: Path, environ: Mapping[str, str], command: Sequence[str]) -> object:
    config = image.config["config"]
    user, group = config["User"].split(":")
    return {
        "ociVersion": "1.0.2",
        "root": {"path": str(root), "readonly": True},
        "process": {
            "terminal": False,
            "user": {"uid": int(user), "gid": int(group)},
            "args": list(command) or [*config.get("Entrypoint", []), *config["Cmd"]],
            "env": [*config["Env"], *(f"{key}={value}" for key, value in environ.items())],
            "cwd": config["WorkingDir"],
            "capabilities": {},
            "noNewPrivileges": True,
        },
        "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}, DEVICE, SCRATCH],
        # No network namespace: the services of the test are on this machine's loopback.
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]},
    }


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
