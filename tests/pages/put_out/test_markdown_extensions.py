"""What the site's own Markdown extensions make of code, names and tables."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup, Tag
from markdown import markdown

ROOM = "apparch.pages.put_out"


def made(text: str, extension: str, *more: str) -> Tag:
    """The HTML of a text."""
    return BeautifulSoup(markdown(text, extensions=[f"{ROOM}.{extension}", *more]), "lxml").body  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("code", "html"),
    [
        ("/health/startup", "<code>/health/startup</code>"),
        ("readinessProbe", "<code>readinessProbe</code>"),
        (
            "deploy/_shared/rollback.sh",
            '<code class="long">deploy/_<wbr/>shared/<wbr/>rollback.<wbr/>sh</code>',
        ),
        (
            "apparch check --no-waivers",
            '<code class="long"><span>apparch</span> <span>check</span> <span>--no-waivers</span></code>',
        ),
        ("a.b <c> && deploy/_shared/x", None),
    ],
)
def test_a_name_breaks_between_its_parts_alone(code: str, html: str | None) -> None:
    """A short name, a word and an option stay whole, and the text is what it was."""
    found = made(f"`{code}`", "line_breaks:LineBreaks").code

    assert found is not None
    assert found.get_text() == code
    assert html is None or html == str(found)


def test_code_has_elements_for_its_colours_alone() -> None:
    """Names and punctuation stand in the block itself, neighbours of a kind in one element; the text is the same."""
    text = 'def f(a):\n    return a + "b <c>"  # d\n'
    block = made(f"```python\n{text}```", "lean_code:LeanCode", "pymdownx.superfences", "pymdownx.highlight").div

    assert block is not None
    assert block.get_text() == text
    assert block["style"] == "--lines:2"
    assert [str(span["class"]) for span in block.select("span[class]")] == [
        "['k']",
        "['nf']",
        "['k']",
        "['s2']",
        "['c1']",
    ]


@pytest.mark.parametrize(
    ("said", "columns"),
    [
        ("$ a\n이름   종류    상태\nqts    app     ok\nobs-1  deploy  behind\n", True),
        ("$ a\n 1  OWN011  MUST\n 2  OWN012  MUST\n\nA sentence that goes on for longer than the rows do.\n", False),
        ("$ a  b  c\nno columns here\n", False),
    ],
)
def test_a_terminals_table_keeps_its_columns(said: str, columns: bool) -> None:
    """A block whose longest line is a row is marked, so that it is moved, not wrapped; Hangul is two letters wide."""
    languages = {"pymdownx.highlight": {"pygments_lang_class": True}}
    more = ["pymdownx.superfences", "pymdownx.highlight"]
    html = markdown(
        f"```console\n{said}```", extensions=[f"{ROOM}.lean_code:LeanCode", *more], extension_configs=languages
    )
    block = BeautifulSoup(html, "lxml").div

    assert block is not None
    assert columns == ("in-columns" in block["class"])


TABLE = "| A | B | C |\n|---|---|---|\n| `1` | 2 | 3 |\n"


def test_a_wide_table_knows_its_columns() -> None:
    """Each cell but the first has its column's name, and every part its role."""
    table = made(TABLE, "stacked_tables:StackedTables", "tables").table

    assert table is not None
    assert ["B", "C"] == [cell["data-label"] for cell in table.select("td[data-label]")]
    assert ["cell"] * 3 == [cell["role"] for cell in table.select("td")]
    assert {"table", "rowgroup", "row", "columnheader", "cell"} == {
        str(each["role"]) for each in [table, *table.select("[role]")]
    }


def test_a_narrow_table_stays_a_table() -> None:
    """Two columns fit a phone as they are."""
    table = made("| A | B |\n|---|---|\n| 1 | 2 |\n", "stacked_tables:StackedTables", "tables").table

    assert table is not None
    assert {} == table.attrs
