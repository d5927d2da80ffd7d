"""A copy of the Deploy repo that a test may break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.deploy.sandbox import Sandbox, make
from tests.kube import DEPLOY


@pytest.fixture
def deploy(tmp_path: Path) -> Path:
    """The whole Deploy repo, copied to a place of this test's own."""
    target = tmp_path / "deploy"
    shutil.copytree(DEPLOY, target)
    return target


@pytest.fixture
def sandbox(deploy: Path, tmp_path: Path) -> Sandbox:
    """The same copy, with stand-ins for the programs that its scripts call."""
    return make(deploy, tmp_path)
