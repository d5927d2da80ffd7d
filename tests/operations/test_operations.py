"""Every operation of the table ends as its page promises, in its steps, with no more requests lost than it says."""

from __future__ import annotations

import pytest
from tests.operations.stage import Stage
from tests.operations.table import Row, play, rows


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_an_operation_ends_as_its_page_promises(row: Row, stage: Stage) -> None:
    """The commands of the page, played by an operator who knows only the page."""
    assert play(row, stage).name == row.name
