"""The form that filters the tables below it; docs/assets/filter.js shows it and does the work."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apparch.catalogue import Language, Text

TEXT, RESET = Text("찾을 말", "Text"), Text("모두 보이기", "Show all")
ALL = Text("모두", "all")
COUNT = Text("{shown} / {all}", "{shown} of {all}")
RULES = Text("규칙 걸러 보기", "Filter the rules")


@dataclass(frozen=True)
class Facet:
    """One thing that rows differ in."""

    name: str
    """Its name in the address, the same in both languages."""
    label: Text
    options: Mapping[str, str]
    """What each value is called in the reader's language."""


def form(facets: Sequence[Facet], language: Language, name: str = "", label: Text = RULES) -> list[str]:
    """A search field and a choice for each facet, hidden until a script can filter by it.

    Forms of one page that share a field need names, which stand before the field's in the address.
    """
    fields = [f'<label>{TEXT[language]}<input type="search" name="find" autocomplete="off"></label>']
    for facet in facets:
        options = "".join(
            f'<option value="{html.escape(value)}">{html.escape(name)}</option>'
            for value, name in {"": ALL[language], **facet.options}.items()
        )
        fields.append(f'<label>{facet.label[language]}<select name="{facet.name}">{options}</select></label>')
    count = f'<output data-count="{COUNT[language]}"></output>'
    reset = f'<button type="reset" class="md-button">{RESET[language]}</button>'
    attributes = f'class="filter" aria-label="{label[language]}" data-name="{name}" data-search-exclude hidden'
    # One line, which no mention of a rule or a term is looked for in.
    return ["", f"<form {attributes}>{''.join(fields)}<p>{count}{reset}</p></form>", ""]


def facets_of(values: Mapping[str, Sequence[str]], words: str = "") -> str:
    """What a row's first cell carries for the script: the row's values, and words that its text does not hold."""
    data = "".join(f' data-{name}="{html.escape(" ".join(each))}"' for name, each in values.items())
    # What Markdown would make something of inside an attribute is nothing that anyone types.
    plain = re.sub(r"[`\[\]\\|]", "", words)
    return f'<span class="facets"{data} data-words="{html.escape(plain)}"></span>'
