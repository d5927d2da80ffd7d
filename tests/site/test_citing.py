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
PASTE = """() => {
  document.querySelector('#paste')?.remove()
  document.body.append(Object.assign(document.createElement('textarea'), {id: 'paste'}))
  document.querySelector('#paste').focus()
}"""
RICH = """() => {
  document.body.append(Object.assign(document.createElement('div'), {id: 'rich', contentEditable: true}))
  document.querySelector('#rich').focus()
}"""
RULE = "/en/rules/IMG002/"


def cite(page: Page, form: str) -> None:
    """Press a form's button by keyboard, and wait until a screen reader has been told."""
    page.locator(f".copy-citation[data-form={form}]").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.copied[role=status]').textContent")


def pasted(page: Page) -> str:
    """What a reader then pastes elsewhere."""
    page.evaluate(PASTE)
    page.keyboard.press("Control+V")
    return page.locator("#paste").input_value()


@pytest.mark.parametrize("script", ["", WITHOUT_API], ids=["with the clipboard API", "as over plain HTTP"])
def test_a_citation_is_copied_in_each_form(page: Page, script: str) -> None:
    """Text, Markdown and HTML reach the clipboard from the keyboard, and an editor that takes it gets a link."""
    page.add_init_script(script)
    page.goto(RULE)
    found = {}
    for form in FORMS:
        cite(page, form)
        found[form] = (page.locator(".copied").text_content(), pasted(page))
    page.evaluate(RICH)
    page.keyboard.press("Control+V")

    assert found == {form: ("Copied", text) for form, text in FORMS.items()}
    assert page.locator("#rich a").get_attribute("href") == ADDRESS


def test_where_nothing_can_be_copied_the_text_is_shown(page: Page) -> None:
    """The citation stands selected in a field, and the reader is told what to do."""
    page.add_init_script(f"{WITHOUT_API};{WITHOUT_COMMAND}")
    page.goto(RULE)
    cite(page, "text")

    assert page.locator(".copied").text_content() == "Nothing can be copied here; copy the text below yourself."
    assert page.evaluate("getSelection().toString()") == FORMS["text"]


def test_a_page_over_plain_http_copies_too(browser: Browser, address: str) -> None:
    """On a host that the browser does not trust there is no clipboard API at all."""
    host = "http://intranet.example"
    context = browser.new_context()
    page = context.new_page()
    page.route(f"{host}/**", lambda route: route.continue_(url=address + route.request.url.removeprefix(host)))
    page.goto(f"{host}{RULE}")
    cite(page, "markdown")

    assert page.evaluate("[isSecureContext, typeof navigator.clipboard]") == [False, "undefined"]
    assert pasted(page) == FORMS["markdown"]
    context.close()
