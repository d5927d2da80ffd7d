"""What the tests of the contract share."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.contract.trees import Trees, copy_trees


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    """The two reference trees, free to be changed."""
    return copy_trees(tmp_path)
