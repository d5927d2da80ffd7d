"""What every test run of the project has: the proof recorder, the pages' blocks as tests."""

from __future__ import annotations

from sybil import Sybil

from apparch.pages.proved.sybil_blocks import ExpandedDocument, parse_blocks

pytest_plugins = ["apparch.pages.proved.pytest_plugin"]

pytest_collect_file = Sybil(
    parsers=[parse_blocks], pattern="*.md", path="docs", document_types={".md": ExpandedDocument}
).pytest()
