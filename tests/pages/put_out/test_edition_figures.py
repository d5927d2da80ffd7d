"""What is written down of an edition when it is published."""

from __future__ import annotations

from pathlib import Path

from tests.pages.small import a_site, write_snippet

from apparch.pages.drawn.coverage import HELD
from apparch.pages.put_out.edition_figures import record_figures
from apparch.pages.written.data_files import read_data


def test_an_edition_is_added_once(tmp_path: Path) -> None:
    """Its figures follow those before it, and are not counted again."""
    write_snippet(tmp_path, "docs/editions.yaml", "- {edition: 3.0.0, judged: 7}\n")
    record_figures(a_site(tmp_path), "3.1.0")
    record_figures(a_site(tmp_path), "3.1.0")

    first, second = read_data(tmp_path, "docs/editions.yaml")
    assert ({"edition": "3.0.0", "judged": 7}, {"edition": "3.1.0", **dict.fromkeys(HELD, 0)}) == (first, second)
