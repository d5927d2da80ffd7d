"""What readers say in other words than the texts, as it stands in the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from apparch.catalogue import LANGUAGES, Language
from apparch.pages.written.search_words import SearchWords, load_search_words

ROOT = Path(__file__).parents[3]


def test_a_repository_without_such_words_has_none(tmp_path: Path) -> None:
    """They are no duty."""
    assert SearchWords({}, {}) == load_search_words(tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_group_is_of_several_words(language: Language) -> None:
    """Each has two at least, and none twice."""
    groups = load_search_words(ROOT).synonyms[language]

    assert [] == [group for group in groups if len({*group}) < 2 or len({*group}) < len(group)]


def test_both_languages_name_the_same_places() -> None:
    """A place that readers of one language look for is looked for in the other."""
    names = load_search_words(ROOT).names

    assert [*names["ko"]] == [*names["en"]]
