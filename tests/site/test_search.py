"""Whether a search finds the pages that hold what was asked for, in the language of the reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

# Each query with what a page must hold to count as found; spaces do not count in Korean, letter case never does.
KOREAN = {
    "태그": "태그",
    "태그를": "태그",
    "불변 태그": "불변 태그",
    "환경 변수": "환경변수",
    "환경변수": "환경변수",
    "환경변수를": "환경변수",
    "시크릿": "시크릿",
    "시크릿은": "시크릿",
    "강제종료": "강제종료",
    "강제 종료": "강제종료",
    "종료": "종료",
    "프로브": "프로브",
    "롤백": "롤백",
    "유예 시간": "유예시간",
    "유예시간": "유예시간",
    "서킷 브레이커": "서킷브레이커",
    "서킷브레이커": "서킷브레이커",
    "매니페스트": "매니페스트",
    "로그": "로그",
    "재시도": "재시도",
    "이미지 다이제스트": "다이제스트",
    "DB_HOST": "DB_HOST",
    "IMG002": "IMG002",
    "img002": "IMG002",
    "latest": "latest",
    "readinessProbe": "readinessProbe",
    "app.state.initialized": "app.state.initialized",
    "/health/ready": "/health/ready",
}
ENGLISH = {
    "graceful": "graceful",
    "SIGTERM": "SIGTERM",
    "readiness": "readiness",
    "immutable tag": "immutable",
    "idempotency key": "idempotency key",
    "circuit breaker": "circuit breaker",
    "rolling restarts": "rolling restart",
    "probes": "probe",
    "environment variables": "environment variable",
    "secret": "secret",
    "rollback": "rollback",
    "grace period": "grace period",
    "kustomize": "kustomize",
    "DB_HOST": "DB_HOST",
    "img002": "IMG002",
    "ghcr.io": "ghcr.io",
    "preStop": "preStop",
    "docker-compose.yml": "docker-compose.yml",
    "memory limit": "memory limit",
}
QUERIES = [("/", query, text) for query, text in KOREAN.items()] + [
    ("/en/", query, text) for query, text in ENGLISH.items()
]


@pytest.fixture(scope="module")
def searches(browser: Browser, address: str) -> Iterator[dict[str, Page]]:
    """A page of each language with its search open."""
    context = browser.new_context(base_url=address)
    pages = {}
    for path in ("/", "/en/"):
        pages[path] = page = context.new_page()
        page.goto(path)
        page.locator(".md-search__input").click()
    yield pages
    context.close()


def ask(page: Page, query: str) -> list[str]:
    """The paths of the pages that a search lists, best first."""
    box = page.locator(".md-search__input")
    box.fill("")
    box.press("End")
    page.wait_for_function("!document.querySelector('.md-search-result__item')", timeout=60000)
    box.fill(query)
    # Typing Hangul sends no keyup of its own.
    box.press("End")
    page.wait_for_selector(".md-search-result__item", timeout=60000)
    found: list[str] = page.eval_on_selector_all(
        ".md-search-result__item > .md-search-result__link", "all => all.map(a => new URL(a.href).pathname)"
    )
    return found


def fold(text: str) -> str:
    """A text as a reader compares it."""
    return re.sub(r"\s+", "", text).casefold()


def text_of(built: Path, path: str) -> str:
    """What a page's article says."""
    article = BeautifulSoup((built / path.strip("/") / "index.html").read_text("utf-8"), "lxml").select_one("article")
    assert article is not None
    return article.get_text()


@pytest.mark.parametrize(("path", "query", "wanted"), QUERIES)
def test_a_search_finds_what_the_pages_say(
    searches: dict[str, Page], built: Path, path: str, query: str, wanted: str
) -> None:
    """The first hit holds what was asked for, the next ones all its words, and no hit is in the other language."""
    found, words = ask(searches[path], query), [fold(word) for word in wanted.split()]

    assert [] == [hit for hit in found if hit.startswith("/en/") != (path == "/en/")]
    assert fold(wanted) in fold(text_of(built, found[0]))
    texts = {hit: fold(text_of(built, hit)) for hit in found[1:5]}
    assert [] == [hit for hit, text in texts.items() if any(word not in text for word in words)]


@pytest.mark.parametrize("path", ["/", "/en/"])
def test_a_rules_id_finds_its_page_first(searches: dict[str, Page], path: str) -> None:
    """Who types an ID, in whatever letter case, gets that rule's page on top."""
    assert f"{path}rules/PRB003/" == ask(searches[path], "prb003")[0]
