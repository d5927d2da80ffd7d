"""The diagram and the table of section 4 say what the workflow files say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.release.repository import app_files
from tests.release.rows import ROWS

from apparch.pages.drawn.release_flow import diagram, matrix_table

ROOT = Path(__file__).parents[3]
WORKFLOWS = {Path(path).stem: text for path, text in app_files().items() if path.startswith(".github/workflows/")}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_diagram_on_the_page_is_the_one_drawn_from_the_workflows(language: str) -> None:
    """`python -m tests.release.draw` writes it anew after a change."""
    assert (ROOT / f"snippets/diagrams/flow.{language}.mmd").read_text("utf-8") == diagram(WORKFLOWS, language)


def test_both_languages_draw_the_same_shape() -> None:
    """The edges are equal; only words differ."""
    words = re.compile(r"\[.*\]|\{\{.*\}\}|\|.*\||-\. .* \.->")
    korean, english = (words.sub("", diagram(WORKFLOWS, language)) for language in ("ko", "en"))
    assert korean == english


def test_a_renamed_job_cannot_be_drawn() -> None:
    """A job that the page has no words for is an error, so the page never shows a name that is gone."""
    renamed = {**WORKFLOWS, "build": WORKFLOWS["build"].replace("  publish:", "  ship:")}
    with pytest.raises(ValueError, match=r"the job ship of build\.yml"):
        diagram(renamed, "en")


@pytest.mark.rule("WFL005")
def test_a_dropped_gate_changes_the_diagram() -> None:
    """Without `needs` the arrow from the tests to the publication is gone."""
    open_gate = {**WORKFLOWS, "build": WORKFLOWS["build"].replace("    needs: test\n", "")}
    arrow = "push_main_test_test & push_main_test_quality -->|passed| push_main_build_publish"
    assert arrow in diagram(WORKFLOWS, "en")
    assert arrow not in diagram(open_gate, "en")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_table_has_a_line_for_every_executed_row(language: str) -> None:
    """Heading, rule, and one line per row with its trigger and result."""
    text = (ROOT / "tests/release/matrix.yaml").read_text("utf-8")
    lines = matrix_table(text, language)
    assert len(lines) == len(ROWS) + 2
    assert all(row["trigger"][language] in line for row, line in zip(ROWS, lines[2:], strict=True))
    assert all(line.count("|") == 4 for line in lines)
