"""How the built site behaves in a real browser."""

from __future__ import annotations

from unicodedata import east_asian_width

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


@pytest.mark.parametrize(
    ("path", "width"), [("/arch/k8s_app_architecture/6/", 390), ("/en/arch/k8s_sub_architecture/8/", 1280)]
)
def test_diagrams_are_drawn_when_they_are_seen(page: Page, path: str, width: int) -> None:
    """Mermaid is fetched for the first diagram that a reader comes near, and each becomes a named drawing that can be
    read: it shrinks to its column no further than its letters allow, then scrolls in its own frame."""
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "mermaid.tiny" in request.url else None)
    page.set_viewport_size({"width": width, "height": 300})
    open_page(page, path)
    assert [] == fetched

    while page.locator("pre.diagram").count():
        page.evaluate("document.querySelector('pre.diagram')?.scrollIntoView()")
        page.wait_for_timeout(100)
    drawn = page.evaluate(
        """[...document.querySelectorAll("div.diagram")].map(frame => {
          const drawing = frame.shadowRoot.querySelector("svg")
          return drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width
        })"""
    )
    names = page.eval_on_selector_all("div.diagram", "all => all.map(each => each.ariaLabel)")

    assert 1 == len(fetched)
    assert drawn
    assert [] == [scale for scale in drawn if not 0.71 < scale < 1.01]
    assert len({*names}) == len(drawn)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_for_printing_has_its_diagrams(page: Page) -> None:
    """Paper does not scroll: every diagram is drawn, or stands there in words."""
    page.goto("/en/arch/k8s_sub_architecture/print/")
    page.wait_for_function("!document.querySelector('pre.diagram')", timeout=60000)

    assert page.locator("div.diagram").count() == 6


@pytest.mark.parametrize("path", ["/arch/k8s_app_architecture/6/", "/en/arch/k8s_sub_architecture/2/"])
def test_code_fits_its_column(page: Page, path: str) -> None:
    """At 1280 no block of code has to be scrolled, and no line of up to 120 columns is wrapped."""
    page.set_viewport_size({"width": 1280, "height": 900})
    open_page(page, path)

    shown = page.eval_on_selector_all(
        "pre > code",
        """all => all.map(each => {
          const style = getComputedStyle(each)
          const padding = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom)
          return {
            cut: each.scrollWidth > each.clientWidth,
            text: each.textContent.trimEnd(),
            lines: Math.round((each.clientHeight - padding) / parseFloat(style.lineHeight)),
          }
        })""",
    )

    assert shown
    assert [] == [block["text"] for block in shown if block["cut"]]
    assert [] == [
        block["text"]
        for block in shown
        if block["lines"] > len(block["text"].split("\n")) and max(map(columns, block["text"].split("\n"))) <= 120
    ]


def columns(line: str) -> int:
    """How wide a line is where a Korean letter is as wide as two Latin ones."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_section_far_below_opens_at_its_heading(page: Page, width: int) -> None:
    """What above it is laid out late, because nobody sees it yet, is given the room that it needs."""
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, "/arch/k8s_app_architecture/6/#6-4-breaker")
    page.wait_for_timeout(500)

    top = page.evaluate("document.querySelector(':target').getBoundingClientRect().top")

    assert 40 <= top <= 160


def test_code_is_copied_where_it_is_read(page: Page) -> None:
    """A block gets its button when it is seen, and the button copies what the block shows."""
    open_page(page, "/arch/k8s_app_architecture/6/")
    first = page.locator("[data-clipboard-target]").count()
    block = page.locator("article pre:has(> code):not(.diagram)").last
    block.scroll_into_view_if_needed()
    block.locator("[data-clipboard-target]").click()

    assert first < page.locator("article pre > code").count()
    assert (block.locator("code").text_content() or "").rstrip() == page.evaluate("navigator.clipboard.readText()")


def test_a_ticked_item_stays_ticked(page: Page) -> None:
    """A checklist's state is kept in the browser, item by item."""
    open_page(page, "/arch/k8s_architecture/e/")
    page.locator(".task-list-control").nth(1).click()
    page.reload(wait_until="networkidle")

    ticked = page.eval_on_selector_all(".task-list-control input", "all => all.map(box => box.checked)")

    assert [index for index, state in enumerate(ticked) if state] == [1]
