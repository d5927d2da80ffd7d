"""The tables of what was taken from vendors' documents instead of being run."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from apparch.catalogue import Language
from apparch.pages.drawn.markdown_table import table
from apparch.pages.written.sections import number
from apparch.pages.written.site import Page, Site

COLUMNS: Mapping[Language, tuple[str, str, str]] = {
    "ko": ("문서와 읽은 판", "사실", "쓰는 곳"),
    "en": ("Document, as read", "Fact", "Used in"),
}
QUOTED: Mapping[Language, str] = {
    "ko": "다른 공개 레포의 인용으로 확인",
    "en": "as quoted in other public repositories",
}


def vendors(page: Page, site: Site) -> list[str]:
    """For each product its facts: in which document and state of it the vendor says so, and what rests on it."""
    lines: list[str] = []
    for product, told in groupby(site.vendors, lambda fact: fact["product"]):
        lines += ["", f"**{product}**", *table(COLUMNS[page.language], (_row(fact, page.language) for fact in told))]
    return lines


def _row(fact: Mapping[str, Any], language: Language) -> list[str]:
    repository, _, commit = fact["read"].partition("@")
    read = f"[{commit}](https://github.com/{repository}/commit/{commit})" if commit else QUOTED[language]
    used = ", ".join(_place(each) for each in fact["used"])
    return [f"[{fact['document']}]({fact['address']}), {read}", fact[language], used]


def _place(used: str) -> str:
    document, _, section = used.partition("#")
    if section:
        return f"[[{document.removeprefix('arch/')}.md]] {number(section)}"
    # The site shows the files that pages include; of the others their name is enough.
    return f"`{'/'.join(used.split('/')[-2:])}`"
