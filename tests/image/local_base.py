"""A stand-in for the Dockerfile's base image, made from this machine's Python, because no registry may be asked."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

LEFT_OUT = (
    "site-packages",
    "__pycache__",
    "test",
    "tests",
    "idlelib",
    "tkinter",
    "turtledemo",
    "lib2to3",
    "config-*",
    "EXTERNALLY-MANAGED",
)
# Wheels link against these, whether or not this Python does.
EXPECTED_BY_WHEELS = ("libgcc_s.so.1", "libstdc++.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1")
SYSTEM_LIBRARIES = Path("lib/x86_64-linux-gnu")


def make_root(root: Path, busybox: str) -> Path:
    """Fill `root` with a Python at /usr/local, pip, the libraries both need, and a shell."""
    for name in ("bin", "etc", "tmp", "usr/local/bin", "wheels", "proc", "dev", "sys", "root", SYSTEM_LIBRARIES):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "etc/pip.conf").touch()
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    _copy_python(root)
    _copy_libraries(root)
    _copy_shell(root, busybox)
    return root


def _copy_python(root: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = root / "usr/local/lib" / version
    shutil.copytree(
        Path(sys.base_prefix) / "lib" / version, library, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT)
    )
    shutil.copy(Path(sys.base_prefix) / "bin" / version, root / "usr/local/bin" / version)
    for alias in ("python3", "python"):
        (root / "usr/local/bin" / alias).symlink_to(version)
    # Debian keeps the wheel apart, and its Python looks for packages under another name.
    places = [library / "ensurepip/_bundled", Path(sysconfig.get_config_var("WHEEL_PKG_DIR") or "/nowhere")]
    (wheel,) = [wheel for place in places for wheel in place.glob("pip-*.whl")][:1]
    for packages in ("site-packages", "dist-packages"):
        zipfile.ZipFile(wheel).extractall(library / packages)
    pip = root / "usr/local/bin/pip"
    pip.write_text('#!/bin/sh\nexec python3 -m pip "$@"\n'.replace("python3", f"/usr/local/bin/{version}"))
    pip.chmod(0o755)


def _copy_libraries(root: Path) -> None:
    binaries = [file for file in (root / "usr/local").rglob("*") if file.suffix == ".so" or file.parent.name == "bin"]
    known = _known_libraries()
    wanted = {Path(known[name]) for name in EXPECTED_BY_WHEELS if name in known}
    for binary in binaries:
        listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False).stdout
        wanted |= {Path(match) for match in re.findall(r"(?:=> |^\s)(/\S+)", listed, re.MULTILINE)}
    for library in wanted:
        shutil.copy(library, root / SYSTEM_LIBRARIES / library.name)
    (loader,) = (root / SYSTEM_LIBRARIES).glob("ld-linux*")
    (root / "lib64").mkdir(exist_ok=True)
    shutil.move(loader, root / "lib64" / loader.name)


def _known_libraries() -> dict[str, str]:
    cache = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"^\s(\S+) \(libc6,x86-64[^)]*\) => (\S+)$", cache, re.MULTILINE))


def _copy_shell(root: Path, busybox: str) -> None:
    shutil.copy(busybox, root / "bin/busybox")
    for name in ("sh", "ls", "cat", "id", "touch", "find", "env"):
        (root / "bin" / name).symlink_to("busybox")
