"""What readers come for is a few clicks from the home page."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

from apparch.catalogue import LANGUAGES, Language

TASKS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("tasks.yaml").read_text("utf-8"))
ROOTS: dict[Language, str] = {"ko": "/", "en": "/en/"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", TASKS, ids=[each["task"] for each in TASKS])
def test_a_task_ends_where_it_should(built: Path, task: dict[str, Any], language: Language) -> None:
    """Each link that is followed stands on the page before and is called so, and the last leads to the place."""
    at = ROOTS[language]
    for words in task[language]:
        at = urljoin(at, _link(built, at, words))

    page, _, section = task["place"].partition("#")
    path, _, query = page.partition("?")
    found = urlsplit(at)
    assert (f"{ROOTS[language]}{path}/", query, section) == (found.path, found.query, unquote(found.fragment))
    assert not section or _soup(built, at).find(id=section)


def _link(built: Path, at: str, words: str) -> str:
    """Where the link leads that says just this, or holds it: in the text before in what surrounds it."""
    links = _soup(built, at).select("article a[href], nav a[href]")
    links.sort(key=lambda link: (_said(link).lower() != words.lower(), link.find_parent("article") is None))
    told = [str(link["href"]) for link in links if words.lower() in _said(link).lower()]
    assert told, f"{at} has no link that says {words}"
    return told[0]


def _said(link: Tag) -> str:
    return " ".join(link.get_text(" ", strip=True).split())


def _soup(built: Path, at: str) -> BeautifulSoup:
    return BeautifulSoup((built / urlsplit(at).path.strip("/") / "index.html").read_text("utf-8"), "lxml")
