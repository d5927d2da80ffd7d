"""Whether a rule's citation is copied in each form, in each kind of browser, and said to be."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

STATEMENT = "A version tag that has been pushed must not be overwritten or moved to another image."
ADDRESS = "https://apparch.example/r/IMG002"
FORMS = {
    "text": f"IMG002: {STATEMENT} {ADDRESS}",
    "markdown": f"[IMG002]({ADDRESS}): {STATEMENT}",
    "html": f'<a href="{ADDRESS}">IMG002</a>: {STATEMENT}',
}
WITHOUT_API = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
WITHOUT_COMMAND = "document.execCommand = () => false"
PASTE = """async () => {
  const field = Object.assign(document.createElement('textarea'), {id: 'paste'})
  document.body.append(field)
  field.focus()
}"""


def cite(page: Page, form: str) -> None:
    """Press a form's button by keyboard."""
    page.goto("/en/rules/IMG002/", wait_until="networkidle")
    page.locator(f".copy-citation[data-form={form}]").focus()
    page.keyboard.press("Enter")


def pasted(page: Page) -> str:
    """What a reader then pastes elsewhere."""
    page.evaluate(PASTE)
    page.keyboard.press("Control+V")
    return page.locator("#paste").input_value()


@pytest.mark.parametrize("script", ["", WITHOUT_API], ids=["with the clipboard API", "as over plain HTTP"])
@pytest.mark.parametrize("form", FORMS)
def test_a_citation_is_copied(page: Page, form: str, script: str) -> None:
    """Text, Markdown and HTML reach the clipboard from the keyboard, with the browser's clipboard API and without."""
    page.add_init_script(script)
    cite(page, form)
    page.wait_for_function("document.querySelector('.copied').textContent === 'Copied'")

    assert pasted(page) == FORMS[form]


def test_html_is_pasted_as_a_link(page: Page) -> None:
    """An editor that takes formatted text gets a link, not its source."""
    page.add_init_script(WITHOUT_API)
    cite(page, "html")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('div'), {id: 'rich', contentEditable: true}))"
    )
    page.locator("#rich").focus()
    page.keyboard.press("Control+V")

    assert page.locator("#rich a").get_attribute("href") == ADDRESS


def test_where_nothing_can_be_copied_the_text_is_shown(page: Page) -> None:
    """The citation stands selected in a field, and the reader is told what to do."""
    page.add_init_script(f"{WITHOUT_API};{WITHOUT_COMMAND}")
    cite(page, "text")
    page.wait_for_selector(".rule-facts textarea")
    page.wait_for_function("document.querySelector('.copied').textContent.startsWith('Nothing can be copied')")

    chosen = page.evaluate("getSelection().toString()")
    assert chosen == FORMS["text"]


def test_who_hears_the_page_is_told(page: Page) -> None:
    """The words that say what came of it stand where screen readers listen."""
    cite(page, "text")

    assert page.locator(".citation .copied").get_attribute("role") == "status"


def test_a_page_over_plain_http_copies_too(browser: Browser, address: str) -> None:
    """On a host that the browser does not trust there is no clipboard API at all."""
    context = browser.new_context()
    page = context.new_page()
    port = address.rpartition(":")[2]
    page.route("http://intranet.example/**", lambda route: route.continue_(url=f"{address}{_path(route.request.url)}"))
    page.goto("http://intranet.example/en/rules/IMG002/")
    assert page.evaluate("[isSecureContext, typeof navigator.clipboard]") == [False, "undefined"], port
    page.locator(".copy-citation[data-form=markdown]").click()
    page.wait_for_function("document.querySelector('.copied').textContent === 'Copied'")

    assert pasted(page) == FORMS["markdown"]
    context.close()


def _path(url: str) -> str:
    return url.removeprefix("http://intranet.example")
