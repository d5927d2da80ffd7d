"""Where a test stands and what it says of itself, read from its source."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.small import write_snippet

from apparch.pages.written.proof_sources import ProofSource, ProofSources

FILE = '''import pytest

@pytest.mark.parametrize("a", [1])
def test_a(a):
    """The first
    sentence.

    More of it.
    """

class TestB:
    async def test_b(self):
        """Of a class."""

def test_silent(): pass
'''


@pytest.mark.parametrize(
    ("test", "found"),
    [
        ("tests/test_a.py::test_a", (4, "The first sentence.")),
        ("tests/test_a.py::test_a[1-[x]]", (4, "The first sentence.")),
        ("tests/test_a.py::TestB::test_b", (12, "Of a class.")),
        ("tests/test_a.py::test_silent", (15, "")),
        ("tests/test_a.py::test_gone", None),
        ("tests/test_b.py::test_a", None),
        ("tests/../../secret.py::test_a", None),
    ],
)
def test_a_test_is_found_by_its_node_id(tmp_path: Path, test: str, found: tuple[int, str] | None) -> None:
    """A function, with a case or in a class, has its line and its first paragraph; what is not there has nothing."""
    write_snippet(tmp_path, "tests/test_a.py", FILE)
    write_snippet(tmp_path.parent, "secret.py", FILE)

    assert (found and ProofSource("tests/test_a.py", *found)) == ProofSources(tmp_path).of(test)
