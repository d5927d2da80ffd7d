"""How the built site behaves in a real browser."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PAGES = [
    "/",
    "/en/",
    "/arch/k8s_app_architecture/",
    "/en/arch/k8s_app_architecture/6/",
    "/arch/k8s_sub_architecture/2/",
    "/en/arch/k8s_architecture/print/",
    "/rules/IMG002/",
    "/en/rules/",
]


def open_page(page: Page, path: str) -> None:
    """Load a page with everything it asks for."""
    page.goto(path, wait_until="networkidle")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_no_other_host(page: Page, address: str, path: str) -> None:
    """Fonts, scripts, diagrams, search: everything comes from the site itself."""
    foreign: list[str] = []
    page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None)

    open_page(page, path)

    assert [] == foreign


@pytest.mark.parametrize("path", PAGES)
def test_a_page_raises_no_error(page: Page, path: str) -> None:
    """No script of a page throws and nothing that a page asks for is missing."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("response", lambda r: errors.append(r.url) if r.status >= 400 else None)

    open_page(page, path)

    assert [] == errors


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible(page: Page, path: str, scheme: str) -> None:
    """axe finds no violation, in light and in dark."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_page(page, path)

    results = Axe().run(page)

    found = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in results.response["violations"]]
    assert [] == found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone(page: Page, path: str) -> None:
    """At phone width nothing makes the page scroll sideways."""
    page.set_viewport_size({"width": 375, "height": 800})
    open_page(page, path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 375


@pytest.mark.parametrize("path", ["/arch/k8s_app_architecture/6/", "/en/arch/k8s_app_architecture/print/"])
def test_diagrams_are_drawn(page: Page, path: str) -> None:
    """Every Mermaid block of a page becomes a drawing."""
    page.add_init_script(
        "const attach = Element.prototype.attachShadow;"
        "Element.prototype.attachShadow = function () { return attach.call(this, { mode: 'open' }) }"
    )
    page.goto(path)
    page.wait_for_function("!document.querySelector('pre.mermaid')", timeout=30000)

    drawn = page.evaluate(
        "[...document.querySelectorAll('div.mermaid')].map(d => !!d.shadowRoot?.querySelector('svg'))"
    )

    assert drawn
    assert all(drawn)


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/", "IMG002", "/rules/IMG002/"),
        ("/en/", "IMG002", "/en/rules/IMG002/"),
        ("/", "태그", "/"),
        ("/", "환경 변수", "/"),
        ("/", "시크릿", "/"),
        ("/en/", "graceful shutdown", "/en/"),
        ("/en/", "idempotency", "/en/"),
    ],
)
def test_search_finds_pages_of_its_own_language(page: Page, path: str, query: str, expected: str) -> None:
    """A search shows hits, the expected one among them, all in the language of the page."""
    page.goto(path)
    page.click("label[for=__search]") if page.viewport_size and page.viewport_size["width"] < 960 else None
    box = page.locator(".md-search__input")
    box.click()
    box.fill(query)
    # Typing Hangul sends no keyup of its own.
    box.press("End")
    page.wait_for_selector(".md-search-result__link", timeout=30000)

    links = page.eval_on_selector_all(".md-search-result__link", "all => all.map(a => new URL(a.href).pathname)")

    assert [link for link in links if link.startswith("/en/") != path.startswith("/en/")] == []
    assert any(link.startswith(expected) for link in links)


def test_a_ticked_item_stays_ticked(page: Page) -> None:
    """A checklist's state is kept in the browser, item by item."""
    open_page(page, "/arch/k8s_architecture/e/")
    page.locator(".task-list-control").nth(1).click()
    page.reload(wait_until="networkidle")

    ticked = page.eval_on_selector_all(".task-list-control input", "all => all.map(box => box.checked)")

    assert [index for index, state in enumerate(ticked) if state] == [1]
