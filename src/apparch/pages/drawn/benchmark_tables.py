"""The figures of a benchmark: which run they rest on, a plot where one quantity is compared, the table."""

from __future__ import annotations

from typing import Any

from apparch.catalogue import Language
from apparch.pages.drawn.bars import Bar, bars
from apparch.pages.drawn.markdown_table import table
from apparch.pages.errors import PageError
from apparch.pages.written.site import Page, Site

PLOTTED = {
    "rolling_restarts": 3,
    "liveness": 3,
    "contract": 1,
    "site_build": 1,
    "mutation": 2,
    "breaches": 2,
}
"""For each benchmark that compares one quantity the column that holds it; its first column says of what."""


def table_of(name: str, page: Page, site: Site) -> list[str]:
    """What benchmarks/NAME.py measured in the last run that is recorded; a sentence that says so where none is.

    Raises:
        PageError: there is no such benchmark.
    """
    if name not in site.benchmarks:
        raise PageError(f"[[benchmark: {name}]]: there is no benchmarks/{name}.py")
    found = site.benchmarks[name]
    if found is None:
        words = {"ko": "아직 기록한 값이 없다. 재는 명령:", "en": "No run is recorded yet. What measures it:"}
        return ["", f"{words[page.language]} `./dev bench {name}`", ""]
    language = page.language
    columns = found["report"]["columns"][language]
    rows = [[_cell(cell, language) for cell in row] for row in found["report"]["rows"]]
    return ["", _run(found["run"], language), *_plot(name, columns, rows, page), *table(columns, rows)]


def _run(run: dict[str, Any], language: Language) -> str:
    """When, on which commit, on which kind of machine."""
    day, commit, machine = run["ended"][:10], run["commit"][:7] or "?", run["machine"]
    if language == "ko":
        kind = f"{machine['system']}, 코어 {machine['cores']}개, {machine['python']}"
        return f"{day}에 커밋 `{commit}`에서 잰 값이다({kind}, 15분 평균 부하 {machine['load']})."
    kind = f"{machine['system']}, {machine['cores']} cores, {machine['python']}"
    return f"Measured on {day} at commit `{commit}` ({kind}, load over 15 minutes {machine['load']})."


def _plot(name: str, columns: list[str], rows: list[list[str]], page: Page) -> list[str]:
    column = PLOTTED.get(name)
    if column is None or page.flavour == "plain":
        return []
    # A last row without a name holds the sums, which would dwarf the others.
    found = [Bar(row[0].strip("`"), row[column]) for row in rows if row[0]]
    return ["", bars(f"plot-{name.replace('_', '-')}", f"{columns[0]}: {columns[column]}", found), ""]


def _cell(cell: object, language: Language) -> str:
    return str(cell.get(language, cell) if isinstance(cell, dict) else cell)
