"""How a rule is cited: its sentence with the address that chooses no language, in three forms to copy."""

from __future__ import annotations

import html
import re

from apparch.catalogue import Language, Rule, Text
from apparch.pages.written.site import Site

CODE = re.compile(r"`([^`]+)`")
CITE = Text("인용 복사", "Copy citation")
FORMS = {
    "text": Text("글", "text"),
    "markdown": Text("Markdown", "Markdown"),
    "html": Text("HTML", "HTML"),
}


def citations(rule: Rule, language: Language, site: Site) -> dict[str, str]:
    """The rule's citation as text, as Markdown and as HTML."""
    address = site.neutral_url(rule.id)
    sentence = " ".join(rule.statement[language].split())
    formatted = CODE.sub(r"<code>\1</code>", html.escape(sentence, quote=False))
    return {
        "text": f"{rule.id}: {sentence} {address}",
        "markdown": f"[{rule.id}]({address}): {sentence}",
        "html": f'<a href="{address}">{rule.id}</a>: {formatted}',
    }


def buttons(rule: Rule, language: Language, site: Site) -> str:
    """A button for each form; `copying.js` does the copying and says what came of it."""
    made = "".join(
        f'<button class="copy-citation" type="button" data-form="{form}" data-citation="{html.escape(citation)}">'
        f"{FORMS[form][language]}</button>"
        for form, citation in citations(rule, language, site).items()
    )
    return (
        f'<span class="citation" role="group" aria-label="{CITE[language]}">{CITE[language]} {made}'
        '<span class="copied" role="status"></span></span>'
    )
