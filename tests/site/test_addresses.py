"""Whether addresses lead on: a rule's own, which chooses no language, wrong ones, and those of the other language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page
from tests.site.conftest import serve

from apparch.catalogue import load_catalogue


@pytest.fixture(scope="module")
def mirror(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served below another path than the one that it was built for."""
    folder = tmp_path_factory.mktemp("mirror")
    (folder / "wiki").mkdir()
    (folder / "wiki/arch-docs").symlink_to(built)
    (folder / "404.html").symlink_to(built / "404.html")
    with serve(folder) as served:
        yield f"{served}/wiki/arch-docs"


@pytest.fixture
def light(page: Page) -> Page:
    """A page that loads neither styles nor scripts of the theme, on which no address depends."""
    page.route("**/assets/**", lambda route: route.abort())
    return page


def path_of(page: Page) -> str:
    """Where a page has come to, with its section."""
    return str(page.evaluate("location.pathname + location.hash"))


@pytest.mark.parametrize(
    ("locale", "asked", "expected"),
    [
        ("ko-KR", "/r/IMG002", "/rules/IMG002/"),
        ("en-GB", "/r/IMG002#proof", "/en/rules/IMG002/#proof"),
        ("fr-FR", "/r/IMG002", "/en/rules/IMG002/"),
        ("ko-KR", "/r/img002/#why", "/rules/IMG002/#why"),
    ],
)
def test_a_rules_address_leads_to_the_readers_language(
    browser: Browser, address: str, locale: str, asked: str, expected: str
) -> None:
    """Korean readers come to the Korean page, all others to the English one, at the section that was asked for."""
    context = browser.new_context(base_url=address, locale=locale)
    page = context.new_page()
    page.route("**/assets/**", lambda route: route.abort())
    page.goto(asked)
    page.wait_for_url(f"{address}{expected}")

    assert path_of(page) == expected
    context.close()


def test_a_chosen_language_is_remembered(page: Page, address: str) -> None:
    """Who switched the language on any page comes to that language's page of a rule."""
    page.goto("/en/review/")
    page.locator(".md-select__link[hreflang=ko]").dispatch_event("click")
    page.wait_for_url(f"{address}/review/")
    page.goto("/r/IMG002/")
    page.wait_for_url(f"{address}/rules/IMG002/")

    assert page.evaluate("document.documentElement.lang") == "ko"


def test_without_scripts_both_languages_are_offered(browser: Browser, address: str) -> None:
    """The address itself then says what the rule says, with a link to each page."""
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/r/IMG002/")
    rule = load_catalogue().rules["IMG002"]

    for language, link in (("ko", "/rules/IMG002/"), ("en", "/en/rules/IMG002/")):
        section = page.locator(f"section[lang={language}]")
        assert rule.statement[language] in section.inner_text()  # type: ignore[index]
        assert section.locator("h2 a").evaluate("a => a.pathname") == link
    context.close()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("/rules/img002/", "/rules/IMG002/"),
        ("/en/rules/Img002/#why", "/en/rules/IMG002/#why"),
        ("/r/iMG002", "/en/rules/IMG002/"),
    ],
)
def test_letter_case_does_not_matter(light: Page, address: str, asked: str, expected: str) -> None:
    """A rule's address in other letters opens the rule."""
    light.goto(asked)
    light.wait_for_url(f"{address}{expected}")

    assert path_of(light) == expected


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("/rules/IMG02/", "rules/IMG002/"),
        ("/rules/IMG-002/", "rules/IMG002/"),
        ("/r/img2", "rules/IMG002/"),
        ("/rules/IGM002/", "rules/IMG002/"),
        ("/rules/IMGO02/index.html", "rules/IMG002/"),
        ("/rules/IMG0002/", "rules/IMG002/"),
        ("/en/rules/SHD999/", "rules/SHD009/"),
        ("/reveiw/", "review/"),
        ("/en/arch/k8s_app_architectur/", "arch/k8s_app_architecture/"),
    ],
)
def test_a_near_miss_is_offered_in_both_languages(light: Page, asked: str, first: str) -> None:
    """The page for unknown addresses names what was probably meant, in Korean and in English."""
    light.goto(asked)
    light.wait_for_selector(".near li")
    found = {
        language: light.locator(f"section[lang={language}] .near a").first.evaluate("a => a.pathname")
        for language in ("ko", "en")
    }

    assert found == {"ko": f"/{first}", "en": f"/en/{first}"}


def test_an_address_like_none_gets_no_suggestion(light: Page) -> None:
    """What resembles nothing is answered by the index and the search alone."""
    light.goto("/wp-login.php", wait_until="networkidle")

    assert light.locator(".near a").count() == 0


def test_a_mirrors_links_stay_on_the_mirror(browser: Browser, mirror: str) -> None:
    """Below another path and host than the site was built for, no link of the page for unknown addresses leaves it."""
    page = browser.new_page()
    page.goto(f"{mirror}/en/rules/img2/")
    page.wait_for_selector(".near li")
    page.wait_for_load_state("networkidle")
    links = page.eval_on_selector_all(".md-content a, .md-header a[href]", "all => all.map(a => a.href)")
    styled = page.evaluate("getComputedStyle(document.querySelector('.md-header')).position")
    page.close()

    assert links
    assert [link for link in links if not link.startswith(f"{mirror}/")] == []
    assert styled == "sticky"


@pytest.mark.parametrize(
    ("path", "language", "expected"),
    [
        ("/rules/IMG002/", "en", "/en/rules/IMG002/#proof"),
        ("/en/rules/IMG002/", "ko", "/rules/IMG002/#proof"),
    ],
)
def test_the_language_switch_keeps_the_section(
    page: Page, address: str, path: str, language: str, expected: str
) -> None:
    """By keyboard, too, the other language opens where the reader is."""
    page.goto(f"{path}#proof")
    page.locator(f".md-select__link[hreflang={language}]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}{expected}")

    assert path_of(page) == expected


def test_every_page_can_be_previewed(built: Path) -> None:
    """Title, description, kind, address and language stand in each page's head, where no script has to run."""
    needed = {
        f"og:{name}" for name in ("type", "site_name", "title", "description", "url", "locale", "locale:alternate")
    }
    bare = []
    for file in built.rglob("index.html"):
        if "source" in file.relative_to(built).parts[:2]:
            continue
        head = BeautifulSoup(file.read_text("utf-8").partition("<body")[0], "lxml")
        told = {str(tag["property"]) for tag in head.select("meta[property]") if tag["content"]}
        canonical, url = head.select_one("link[rel=canonical]"), head.select_one("meta[property='og:url']")
        described = head.select_one("meta[name=description]")
        alike = canonical and url and canonical["href"] == url["content"]
        languages = [str(link["hreflang"]) for link in head.select("link[hreflang]")]
        if not (needed <= told and alike and described and languages == ["ko", "en", "x-default"]):
            bare.append(file.relative_to(built).as_posix())

    assert bare == []


def test_every_rule_has_an_address_that_chooses_no_language(built: Path) -> None:
    """Each rule answers at /r/ID in capitals and in small letters, with the same page."""
    missing = [
        name
        for rule in load_catalogue().rules
        for name in (rule, rule.lower())
        if f"/r/{rule}/" not in (built / "r" / name / "index.html").read_text("utf-8")
    ]

    assert missing == []
