"""Whether the index of rules is filtered in a real browser: by keyboard, from an address, and whole without scripts."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from apparch.catalogue import load_catalogue

RULES = load_catalogue().rules
SHOWN = "[...document.querySelectorAll('.rule-index tbody tr')].filter(row => row.checkVisibility())"
IDS = f"{SHOWN}.map(row => row.cells[0].textContent.trim())"
HEADINGS = (
    "[...document.querySelectorAll('.rule-index h2')].filter(each => each.checkVisibility()).map(each => each.id)"
)


def asked(page: Page) -> dict[str, list[str]]:
    """What the page's address asks for."""
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize("path", ["/rules/", "/en/rules/"])
def test_an_address_shows_its_rules(page: Page, path: str) -> None:
    """What an address names is chosen in the fields, and only such rules and their families are seen."""
    page.goto(f"{path}?level=SHOULD&owner=deploy")

    expected = [rule.id for rule in RULES.values() if (rule.level, rule.owner) == ("SHOULD", "deploy")]
    assert expected == page.evaluate(IDS)
    assert list(dict.fromkeys(rule[:3].lower() for rule in expected)) == page.evaluate(HEADINGS)
    assert "SHOULD" == page.eval_on_selector("form.filter [name=level]", "field => field.value")
    assert page.inner_text("form.filter output").startswith(f"{len(expected)} ")


def test_the_fields_work_by_keyboard_and_write_the_address(page: Page) -> None:
    """Typed words and a choice made with the arrow keys filter together, and a reload keeps them."""
    page.goto("/en/rules/")
    page.focus("form.filter [name=find]")
    page.keyboard.type("tag Never")
    page.keyboard.press("Tab")
    page.keyboard.press("I")
    page.keyboard.press("M")

    assert {"find": ["tag Never"], "family": ["IMG"]} == asked(page)
    shown = page.evaluate(IDS)
    assert "IMG002" in shown
    assert {"IMG"} == {rule[:3] for rule in shown}
    page.reload()
    assert shown == page.evaluate(IDS)


def test_what_people_call_a_rule_finds_it(page: Page) -> None:
    """Words that stand in no cell, such as the command that breaks a rule, find it too."""
    page.goto("/rules/?find=kubectl+apply")

    assert "WFL001" in page.evaluate(IDS)


def test_an_unknown_value_hides_nothing(page: Page) -> None:
    """A choice that there is not counts as none; a family's own address still leads to it."""
    page.goto("/rules/?level=PERHAPS#tag")

    assert list(RULES) == page.evaluate(IDS)
    assert page.locator("#tag").is_visible()


def test_all_rules_come_back(page: Page) -> None:
    """The button empties the fields and the address."""
    page.goto("/en/rules/?owner=both&find=zzz")
    assert [] == page.evaluate(IDS)
    page.click("form.filter button")
    page.wait_for_url("**/en/rules/")

    assert list(RULES) == page.evaluate(IDS)


def test_without_scripts_it_is_a_table(browser: Browser, address: str) -> None:
    """Every rule is seen, and no field that would do nothing."""
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/rules/?level=MAY")

    assert len(RULES) == page.locator(".rule-index tbody tr:visible").count()
    assert 0 == page.locator("form.filter:visible").count()
    context.close()


def test_each_index_of_a_page_is_filtered_alone(page: Page) -> None:
    """Defects and rulings keep fields and addresses of their own."""
    page.goto("/en/start/execution/?defects-find=liveness")

    shown = page.locator(".filtered").nth(0).locator("tbody tr:visible").count()
    assert 0 < shown < 10
    rulings = page.locator(".filtered").nth(1).locator("tbody tr")
    assert all(rulings.nth(index).is_visible() for index in (0, -1))


@pytest.mark.parametrize(
    ("path", "width", "scheme"),
    [
        ("/rules/IMG015/", 390, "dark"),
        ("/rules/", 1280, "light"),
        ("/en/rules/", 390, "dark"),
        ("/rules/coverage/", 390, "light"),
        ("/en/rules/coverage/", 1280, "dark"),
        ("/en/start/execution/", 390, "light"),
    ],
)
def test_a_page_of_rules_is_accessible(page: Page, path: str, width: int, scheme: str) -> None:
    """axe finds nothing, and nothing scrolls sideways."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(path, wait_until="networkidle")

    found = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in Axe().run(page).response["violations"]]
    assert [] == found
    assert page.evaluate("document.documentElement.scrollWidth") <= width
