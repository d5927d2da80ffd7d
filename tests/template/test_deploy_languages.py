"""The docs of a new Deploy repo say the same in both languages."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from apparch.catalogue import load_catalogue
from apparch.template import home

DEPLOY = home() / "deploy"
TEXTS = sorted(each.relative_to(home()).as_posix() for each in DEPLOY.rglob("*.md.jinja") if "k8s" not in each.parts)
KNOWN = {"name": "market-feed", "project": "feed", "image": "acme/market-feed", "host": "feed.acme.example"}
USES = [dict(zip(("database", "cache"), each, strict=True)) for each in product((True, False), repeat=2)]
FENCE = re.compile(r"^ *```console\n(.*?)^ *```$", re.M | re.S)
NAME = re.compile(r"`([^`\n]+)`")
RULE = re.compile(r"\b[A-Z]{3}\d{3}\b")
NUMBER = re.compile(r"\b\d+(?:\.\d+)*")


def rendered(text: str, language: str, **uses: bool) -> str:
    """The text as a repository gets it."""
    made = Environment(loader=FileSystemLoader(home()), undefined=StrictUndefined, keep_trailing_newline=True)
    return made.get_template(text).render(language=language, **KNOWN, **uses)


def prose(text: str) -> str:
    """The text without its blocks, names and numbered steps."""
    return re.sub(r"^ *\d+\. ", "", NAME.sub("", FENCE.sub("", text)), flags=re.M)


def shape(text: str) -> list[str]:
    """What stands where: headings, rows of tables, steps, points and blocks, in order."""
    outside = FENCE.sub("BLOCK", text)
    return [kind for line in outside.splitlines() if (kind := _kind(line.strip()))]


def _kind(line: str) -> str:
    match = re.match(r"(#+) |(\|)|(\d+\.) |(-) |(BLOCK)", line)
    return f"{match[0]} {line.count('|')}" if match else ""


@pytest.mark.parametrize("text", TEXTS)
def test_both_languages_say_the_same(text: str) -> None:
    """The same commands, names, rules and numbers, in sections, tables and steps of one shape, whatever is used."""
    for uses in USES:
        korean, english = (rendered(text, language, **uses) for language in ("ko", "en"))
        assert FENCE.findall(korean) == FENCE.findall(english)
        assert Counter(NAME.findall(FENCE.sub("", korean))) == Counter(NAME.findall(FENCE.sub("", english)))
        assert Counter(RULE.findall(korean)) == Counter(RULE.findall(english))
        assert Counter(NUMBER.findall(RULE.sub("", prose(korean)))) == _numbers(text, prose(english))
        assert shape(korean) == shape(english)
        assert set(RULE.findall(korean)) <= load_catalogue().rules.keys()
        assert re.search("[가-힣]", english) is None


def _numbers(text: str, english: str) -> Counter[str]:
    """The English text's numbers; those that it writes in words, Korean writes in digits."""
    words = {"ten": "10"} if "crash-loop" in text else {}
    return Counter(NUMBER.findall(RULE.sub("", english))) + Counter(
        digits for word, digits in words.items() for _ in re.findall(rf"\b{word}\b", english)
    )


def test_every_text_has_its_korean() -> None:
    """No text is left in English alone, and none in Korean that nobody gets."""
    korean = {each.relative_to(home() / "ko").as_posix() for each in (home() / "ko").rglob("*.md")}
    assert korean == {text.removeprefix("deploy/").removeprefix("docs/").removesuffix(".jinja") for text in TEXTS}
