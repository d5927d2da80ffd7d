"""The links that an image publishes, drawn from one list wherever they are shown."""

from __future__ import annotations

from collections.abc import Sequence

from apparch.catalogue import Text
from apparch.pages.drawn.markdown_table import table
from apparch.pages.errors import PageError
from apparch.pages.written.site import Page, Site

COLUMNS = {
    "link": Text("연결", "Link"),
    "app": Text("App이 정하는 것", "App defines"),
    "deploy": Text("Deploy가 맞추는 것", "Deploy follows"),
    "document": Text("Deploy 문서", "Deploy document"),
}


def links(columns: Sequence[str], page: Page, site: Site) -> list[str]:
    """The links of docs/interface.yaml with the asked columns, all of them where none is asked.

    Raises:
        PageError: there is no such column.
    """
    unknown = [column for column in columns if column not in COLUMNS]
    if unknown:
        raise PageError(f"[[interface]]: no column {unknown[0]}; there are {', '.join(COLUMNS)}")
    asked = list(columns) or list(COLUMNS)
    header = [COLUMNS[column][page.language] for column in asked]
    return table(header, ([_cell(entry[column], page) for column in asked] for entry in site.interface))


def _cell(value: str | dict[str, str], page: Page) -> str:
    return value if isinstance(value, str) else value[page.language]
