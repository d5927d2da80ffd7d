"""Where a test asks for a system tool that its machine may lack."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

DEBIAN_PACKAGES = {
    "amtool": "prometheus-alertmanager",
    "buildah": "buildah",
    "busybox": "busybox-static",
    "chromium": "chromium",
    "docker-registry": "docker-registry",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "runc": "runc",
    "skopeo": "skopeo",
}


def require_tool(name: str) -> str:
    """The path of a system tool; without it the test is skipped, or fails in CI, where every tool can be had."""
    path = shutil.which(name)
    if not path:
        cannot_run(f"{name} is not on this machine: install the Debian package {DEBIAN_PACKAGES.get(name, name)}")
    return path


def cannot_run(reason: str) -> NoReturn:
    """Skip the test, or fail it in CI, where nothing that a test needs may be missing."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
