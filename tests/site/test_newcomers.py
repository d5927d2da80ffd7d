"""What a newcomer meets on the built site: reading paths that remember, the form of chapter 8, figures, terms."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PAGES = ["/start/first-hour/", "/en/start/owner/", "/start/figures/", "/en/reference/glossary/"]
REFUSES = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_and_fits_a_phone(page: Page, path: str, scheme: str) -> None:
    """axe finds no violation, every answer of the form opened, and nothing scrolls sideways."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(path, wait_until="networkidle")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found = Axe().run(page).response["violations"]

    assert [] == [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_ticked_step_is_kept_in_both_languages(page: Page) -> None:
    """What is ticked on one language's home page is ticked on the other's, and the path counts it."""
    page.goto("/")
    page.locator("[data-path=reviewer] .task-list-control").first.click()
    page.goto("/en/")
    path = page.locator("[data-path=reviewer]")

    assert path.locator("input").first.is_checked()
    assert "1 of 5 read" in path.locator(".reading-time").inner_text()


def test_paths_work_where_nothing_may_be_kept(page: Page) -> None:
    """A browser that refuses to keep anything raises no error, and a step can still be ticked."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(REFUSES)
    page.goto("/en/")
    page.locator("[data-path=newcomer] .task-list-control").first.click()

    assert "1 of 5 read" in page.locator("[data-path=newcomer] .reading-time").inner_text()
    assert [] == [error for error in errors if "apparch" in error]


def test_the_form_ends_in_a_repo_without_scripts(browser: Browser, address: str) -> None:
    """No, then yes, opened one after the other, end in the Deploy repo and the rule that says so."""
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/en/start/owner/")
    page.locator("details.answer-no > summary").first.click()
    page.locator("details.answer-no details.answer-yes > summary").first.click()
    answer = page.locator("details.answer-no details.answer-yes").first

    assert "Deploy repo" in answer.locator("summary").inner_text()
    assert answer.locator("a.rule").first.is_visible()
    assert "OWN024" == answer.locator("a.rule").first.inner_text()
    context.close()


def test_nothing_names_a_repository_that_nobody_named(page: Page) -> None:
    """A site built without the setting links to no repository, and says so where it would."""
    page.goto("/en/start/first-hour/")

    assert 0 == page.locator(".md-source, [rel=edit]").count()
    assert "does not say where its repository is" in page.locator("#clone + p").inner_text()
