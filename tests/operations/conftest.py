"""One stage per worker; operations take turns on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.operations.furnish import furnished
from tests.operations.stage import Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A cluster, the services beside it, and a console."""
    with furnished(tmp_path_factory.mktemp("operations")) as made:
        yield made
