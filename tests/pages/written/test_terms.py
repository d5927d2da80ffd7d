"""One word for one thing, in both languages, wherever people read."""

from __future__ import annotations

from pathlib import Path

import pytest

from apparch.catalogue import Language, Text
from apparch.pages.written.prose import Prose, prose
from apparch.pages.written.site import Term, load_site
from apparch.pages.written.terms import rejected

ROOT = Path(__file__).parents[3]
GLOSSARY = [
    Term(
        Text("시크릿", "order ID"),
        rejected={"ko": ("비밀", "credential"), "en": ("order id", "folder")},
        kept={"ko": ("비밀번호",)},
    ),
]

# Each row: the language, a line, what is rejected in it.
LINES: dict[str, tuple[Language, str, list[str]]] = {
    "a particle may follow": ("ko", "비밀을 넣는다", ["비밀"]),
    "a longer word is kept": ("ko", "비밀번호를 넣는다", []),
    "part of another word": ("ko", "극비밀을", []),
    "a Latin word in Korean": ("ko", "Credential을 넣는다", ["Credential"]),
    "code": ("ko", "`비밀`과 `credential`", []),
    "the address of a link": ("ko", "[값](a/credential/b)", []),
    "a plural": ("en", "two order ids", ["order ids"]),
    "the chosen form": ("en", "two order IDs", []),
    "a capital at the start": ("en", "Folders of tests", ["Folders"]),
    "part of a Latin word": ("en", "a subfolder", []),
    "the other language's word": ("en", "credential", []),
}


@pytest.mark.parametrize(("language", "line", "expected"), LINES.values(), ids=LINES)
def test_a_rejected_word_is_found_in_prose(language: Language, line: str, expected: list[str]) -> None:
    """A rejected word is found as a word of its own, outside of code and addresses."""
    found = rejected([Prose("here", language, line)], GLOSSARY)

    assert [f"here: {word!r}" for word in expected] == [message.partition(": the")[0] for message in found]


def test_the_message_names_the_word_to_use() -> None:
    """Whoever meets it knows the place, the word and its replacement."""
    assert ["docs/a.md:3: '비밀': the glossary's word is '시크릿'; use it here"] == rejected(
        [Prose("docs/a.md:3", "ko", "비밀을")], GLOSSARY
    )


def test_no_text_uses_a_rejected_word() -> None:
    """Pages, catalogue, findings, runbooks and the snippets' own documents use the glossary's words."""
    assert [] == rejected(prose(ROOT), load_site(ROOT).glossary)


def test_no_word_is_chosen_and_rejected() -> None:
    """A word that one entry chooses, no entry rejects."""
    glossary = load_site(ROOT).glossary
    chosen = {(language, term.term[language]) for term in glossary for language in ("ko", "en")}

    assert set() == chosen & {
        (language, word) for term in glossary for language, words in term.rejected.items() for word in words
    }
