"""Whether the built site's links lead somewhere, in the reader's language."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

from apparch.catalogue import load_catalogue

# What serves both languages: source files, assets, the exports for programs.
NEUTRAL = ("/source/", "/assets/", "/rules.json", "/rules.schema.json", "/llms.txt")

# What Lighthouse takes for words that say nothing of where a link leads, in both languages.
VAGUE = {
    *("click here", "click this", "go", "here", "information", "learn more", "more", "more info", "more information"),
    *("right here", "this", "start"),
    *("여기", "여기를 클릭", "클릭", "링크", "자세히", "자세히 보기", "계속", "이동", "전체 보기"),
}


def test_no_link_or_anchor_is_broken(built: Path) -> None:
    """lychee finds every link and every anchor of the built site."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lychee", "--offline", "--include-fragments", "--no-progress",
         "--root-dir", str(built), "--fallback-extensions", "html", "--index-files", "index.html",
         "--exclude-path", "404.html", str(built / "**/*.html")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 0 == done.returncode, done.stdout[-3000:] + done.stderr[-1000:]


def test_no_link_crosses_languages(built: Path) -> None:
    """A page's text links only to pages of its own language."""
    crossing = []
    for file in built.rglob("*.html"):
        own = "/" + file.relative_to(built).as_posix()
        if own.startswith(NEUTRAL) or own == "/404.html":
            continue
        english = own.startswith("/en/")
        article = BeautifulSoup(file.read_text("utf-8"), "lxml").select_one("article")
        for link in article.select("a[href]") if article else []:
            target = urljoin(own, urlsplit(str(link["href"])).path)
            foreign = urlsplit(str(link["href"])).scheme or target.startswith(NEUTRAL)
            if not foreign and target.startswith("/en/") != english:
                crossing.append(f"{own} -> {target}")

    assert [] == crossing


@pytest.mark.parametrize("path", ["", "en", "start", "en/start", "en/rules/IMG002", "en/reference", "arch", "en/arch"])
def test_a_link_says_where_it_leads(built: Path, path: str) -> None:
    """By its own words, in the text and in what surrounds it."""
    links = BeautifulSoup((built / path / "index.html").read_text("utf-8"), "lxml").select("a[href]")
    assert [] == [link["href"] for link in links if " ".join(link.get_text(" ").split()).lower() in VAGUE]


def test_every_rule_has_its_page_in_both_languages(built: Path) -> None:
    """Every rule of the catalogue has its permalink in Korean and in English."""
    missing = [
        f"{prefix}rules/{rule}/"
        for rule in load_catalogue().rules
        for prefix in ("", "en/")
        if not (built / prefix / "rules" / rule / "index.html").is_file()
    ]

    assert [] == missing


def test_every_mention_of_a_rule_is_a_link(built: Path) -> None:
    """Wherever a page's text names a rule, outside code and headings, the name is a link to the rule."""
    rules = load_catalogue().rules
    bare = []
    for file in built.rglob("*.html"):
        article = BeautifulSoup(file.read_text("utf-8"), "lxml").select_one("article")
        if article is None:
            continue
        for tag in article.select("a, code, pre, h1, h2, h3, h4, script, button"):
            tag.decompose()
        words = set(article.get_text(" ").replace("(", " ").replace(")", " ").replace(",", " ").split())
        bare += [f"{file.relative_to(built)}: {rule}" for rule in sorted(words & rules.keys())]

    assert [] == bare


def test_the_switcher_stays_on_the_page(built: Path) -> None:
    """The language switch of every page leads to the same page in the other language."""
    wrong = []
    for file in [*built.glob("*/index.html"), *built.glob("*/*/index.html")]:
        own = file.parent.relative_to(built).as_posix()
        if own.startswith(("source", "assets", "r/")) or own == "en":
            continue
        soup = BeautifulSoup(file.read_text("utf-8"), "lxml")
        wanted = own.removeprefix("en/") if own.startswith("en/") else f"en/{own}"
        links = {urljoin(f"/{own}/", str(link["href"])).strip("/") for link in soup.select("a.md-select__link")}
        if wanted not in links:
            wrong.append(f"{own}: {sorted(links)}")

    assert [] == wrong
