"""The figures of the last benchmark run, as tables."""

from __future__ import annotations

from apparch.catalogue import Language
from apparch.pages.drawn.markdown_table import table
from apparch.pages.errors import PageError
from apparch.pages.written.site import Page, Site


def table_of(name: str, page: Page, site: Site) -> list[str]:
    """What benchmarks/NAME.py measured when it last ran; a sentence that says so where it has not run.

    Raises:
        PageError: there is no such benchmark.
    """
    if name not in site.benchmarks:
        raise PageError(f"[[benchmark: {name}]]: there is no benchmarks/{name}.py")
    report = site.benchmarks[name]
    if report is None:
        words = {"ko": "이 빌드에서는 재지 않았다.", "en": "Not measured in this build."}[page.language]
        return ["", f"*{words}* `./dev bench {name}`", ""]
    rows = ([_cell(cell, page.language) for cell in row] for row in report["rows"])
    return table(report["columns"][page.language], rows)


def _cell(cell: object, language: Language) -> str:
    return str(cell.get(language, cell) if isinstance(cell, dict) else cell)
