"""The page of what each edition changed."""

from __future__ import annotations

import pytest
from tests.pages.small import a_page

from apparch.catalogue import LANGUAGES, Language
from apparch.catalogue.editions import all_editions, steps
from apparch.pages.drawn.policy_changes import anchor, changes


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_edition_has_a_section(language: Language) -> None:
    """The newest comes first, under an id that is the same in both languages."""
    lines = changes(a_page("", language=language))

    ids = [line.rpartition("{#")[2].rstrip("}") for line in lines if line.startswith("## ")]
    assert ids == [anchor(edition) for edition in reversed(all_editions())]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_change_is_told(language: Language) -> None:
    """Each rule that an edition changed stands in the edition's section, with what it was and is where both exist."""
    text = "\n".join(changes(a_page("", language=language)))

    missing = [change.rule for old, _, found in steps() if old for change in found if change.rule not in text]
    assert missing == []
    assert "| ENV005 | " in text


def test_a_sentence_that_changed_in_one_language_is_not_shown_in_the_other() -> None:
    """Its ID is named there, without twice the same words."""
    lines = changes(a_page("", language="en"))

    [named] = [line for line in lines if line.startswith("Only the Korean sentence is another: ")]
    assert [line for line in lines if line.startswith(f"| {named.split()[6].rstrip(',')} | ")] == []
