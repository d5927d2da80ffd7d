"""One workspace and one server of proofs for each worker."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.breaches.asking import Proofs
from tests.breaches.judge import Judge
from tests.breaches.searching import marks_of
from tests.breaches.workspace import Workspace, make_workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A copy of the project."""
    folder = tmp_path_factory.mktemp("project")
    # The database server runs as another user where the tests run as root.
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(0o755)
    yield make_workspace(ROOT, folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def proofs(workspace: Workspace) -> Iterator[Proofs]:
    """The proofs of the copy."""
    with Proofs(workspace.root) as server:
        yield server


@pytest.fixture(scope="session")
def judge(workspace: Workspace, proofs: Proofs) -> Judge:
    """What the proofs say of a breach."""
    return Judge(workspace, proofs)


@pytest.fixture(scope="session")
def marks(proofs: Proofs) -> Mapping[str, tuple[str, ...]]:
    """Every test of the project with the rules that it proves."""
    return marks_of(proofs)
