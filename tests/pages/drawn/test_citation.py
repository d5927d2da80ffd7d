"""The three forms in which a rule is cited."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from tests.pages.small import a_rule, a_site

from apparch.catalogue import Language, Text
from apparch.pages.drawn.citation import buttons, citations

SITE = a_site(Path("no-such-folder"))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("ko", "올린 태그는 다시 쓰지 않는다."), ("en", "A pushed tag must never be overwritten.")],
)
def test_each_form_leads_to_the_address_that_chooses_no_language(language: Language, sentence: str) -> None:
    """A citation is the ID, the sentence in the page's language and an address for readers of any language."""
    assert citations(a_rule(), language, SITE) == {
        "text": f"IMG002: {sentence} https://apparch.example/r/IMG002",
        "markdown": f"[IMG002](https://apparch.example/r/IMG002): {sentence}",
        "html": f'<a href="https://apparch.example/r/IMG002">IMG002</a>: {sentence}',
    }


def test_what_a_sentence_holds_stays_text() -> None:
    """Quotes and angle brackets end neither the button's attribute nor, in the HTML form, the sentence."""
    rule = a_rule(statement=Text('"가" <b>', '"a" <b> `c`'))
    drawn = BeautifulSoup(buttons(rule, "en", SITE), "lxml").select("button")

    assert [each["data-citation"] for each in drawn] == list(citations(rule, "en", SITE).values())
    assert citations(rule, "en", SITE)["html"].endswith(': "a" &lt;b&gt; <code>c</code>')
