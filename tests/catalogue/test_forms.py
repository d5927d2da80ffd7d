"""One statement is one sentence with one obligation, in the form of its level, in both languages."""

from __future__ import annotations

import re

import pytest

from apparch.catalogue import Language, load_catalogue
from apparch.catalogue.model import Level

MODALS = {
    "ko": re.compile(
        r"(?P<MUST>[가-힣]야 (?:한다|하[고며여])|않는다|않으며|안 된다|금지)|(?P<SHOULD>것이 좋)|(?P<MAY>도 된다)"
    ),
    "en": re.compile(r"\b(?:(?P<MUST>must|shall|never)|(?P<SHOULD>should)|(?P<MAY>may))\b", re.IGNORECASE),
}
FORMS = {
    "ko": {
        "MUST": re.compile(r"[가-힣]야 한다\.$"),
        "SHOULD": re.compile(r"는 것이 좋다\.$"),
        "MAY": re.compile(r"도 된다\.$"),
    },
    "en": {
        "MUST": re.compile(r"\bmust\b"),
        "SHOULD": re.compile(r"\bshould\b"),
        "MAY": re.compile(r"\bmay\b"),
    },
}
SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


def faults(text: str, level: Level, language: Language) -> list[str]:
    """What is wrong with the form of a statement of this level."""
    plain = re.sub(r"`[^`]*`", "x", " ".join(text.split()))
    modals = [found.lastgroup for found in MODALS[language].finditer(plain)]
    wrong = [] if modals == [level] else [f"its obligations are {modals}, and not one {level}"]
    wrong += [] if len(SENTENCE_END.findall(plain)) == 1 else ["is not one sentence"]
    return wrong + ([] if FORMS[language][level].search(plain) else [f"has not the form of {level}"])


def test_every_statement_has_the_form_of_its_level() -> None:
    """Each rule obliges once: must, should or may; 해야 한다 or 하지 않아야 한다, 하는 것이 좋다, 해도 된다."""
    wrong = {
        f"{rule.id} {language}": found
        for rule in load_catalogue().rules.values()
        for language in ("ko", "en")
        if (found := faults(rule.statement[language], rule.level, language))
    }

    assert {} == wrong


GOOD: list[tuple[Language, Level, str]] = [
    ("ko", "MUST", "태그는 움직이지 않아야 한다."),
    ("ko", "MUST", "한 번만 돌아야 하는 앱은 리스를 써야 한다."),
    ("ko", "MUST", "값은 `않는다`를 담아야 한다."),
    ("ko", "SHOULD", "태그를 두지 않는 것이 좋다."),
    ("ko", "MAY", "태그를 골라도 된다."),
    ("en", "MUST", "A tag must not move (see `a. b`)."),
    ("en", "SHOULD", "A tag should stay."),
    ("en", "MAY", "A tag may be chosen."),
]

BAD: list[tuple[Language, Level, str]] = [
    ("ko", "MUST", "태그는 움직이지 않는다."),
    ("ko", "MUST", "태그를 지켜야 하며, 옮기지 않아야 한다."),
    ("ko", "MUST", "태그를 지켜야 한다. 옮기지 않아야 한다."),
    ("ko", "MUST", "태그를 지켜야 한다. 태그는 이름이다."),
    ("ko", "MUST", "태그를 지키는 것이 좋다."),
    ("ko", "MUST", "태그를 옮기면 안 된다."),
    ("ko", "SHOULD", "태그를 지켜야 한다."),
    ("ko", "MAY", "태그를 고르는 것이 좋다."),
    ("en", "MUST", "Tags stay."),
    ("en", "MUST", "A tag must never move."),
    ("en", "MUST", "A tag must stay, and it must be short."),
    ("en", "MUST", "A tag must stay. It is short."),
    ("en", "MUST", "A tag should stay."),
    ("en", "SHOULD", "A tag must stay."),
    ("en", "MAY", "A tag should be chosen."),
]


@pytest.mark.parametrize(("language", "level", "text"), GOOD)
def test_the_form_of_a_level_is_accepted(language: Language, level: Level, text: str) -> None:
    """What describes, or is code, is no obligation."""
    assert [] == faults(text, level, language)


@pytest.mark.parametrize(("language", "level", "text"), BAD)
def test_another_form_or_a_second_obligation_is_seen(language: Language, level: Level, text: str) -> None:
    """No level's word, another level's, two of them, or a second sentence."""
    assert [] != faults(text, level, language)
