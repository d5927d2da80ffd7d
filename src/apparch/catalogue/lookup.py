"""Which rules a question is about: words are matched by their beginnings, against what each rule says and is called."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache

from apparch.catalogue import Rule, load_catalogue

WORD = re.compile(r"[A-Za-z0-9_./-]+|[가-힣]+")
PARTICLE = re.compile(
    r"^([가-힣]{2,}?)(?:에서는|에서|으로|까지|부터|에게|하는|해도|하고|을|를|이|가|은|는|의|에|로|와|과|도|만)$"
)
ENDING = re.compile(r"^([a-z]{3,}?)(?:ies|ing|ed|es|s|y|e)$")
COMMON = frozenset(
    (  # noqa: SIM905
        "a an and are be by can do does for from how i in is it may must my no not of on or the to what where which "
        "who with 누가 누구 무엇 뭘 뭐 어디 어디에 어디서 어느 어떤 어떻게 언제 왜 것 때 수 안 못"
    ).split()
)
WEIGHTS: Mapping[str, float] = {"id": 12, "aliases": 6, "title": 4, "statement": 2, "repair": 1, "reason": 1}


def find(question: str) -> list[Rule]:
    """The rules that hold most of a question's words, best first; none where no word is known."""
    words = {stem(word) for word in WORD.findall(question.lower())[:64] if word not in COMMON}
    scores: dict[str, float] = {}
    for word in words:
        found = {rule: weight for rule, fields in _index().items() if (weight := _weight(word, fields))}
        rarity = math.log(1 + len(_index()) / len(found)) if found else 0
        for rule, weight in found.items():
            scores[rule] = scores.get(rule, 0) + weight * rarity
    rules = load_catalogue().rules
    return [rules[rule] for rule in sorted(scores, key=lambda rule: (-scores[rule], rule))]


def stem(word: str) -> str:
    """A word without its Korean particle or English ending, so that its forms begin alike."""
    word = word.strip("./-_")
    match = (PARTICLE if re.match("[가-힣]", word) else ENDING).match(word)
    return match[1] if match else word


def _weight(word: str, fields: Mapping[str, frozenset[str]]) -> float:
    """What the best field that holds a word counts; one that holds it as the beginning of another counts half."""
    best = 0.0
    for name, words in fields.items():
        if word in words:
            best = max(best, WEIGHTS[name])
        elif len(word) > 1 and any(each.startswith(word) for each in words):
            best = max(best, WEIGHTS[name] / 2)
    return best


@cache
def _index() -> dict[str, dict[str, frozenset[str]]]:
    return {rule.id: {name: _words(rule, name) for name in WEIGHTS} for rule in load_catalogue().rules.values()}


def _words(rule: Rule, name: str) -> frozenset[str]:
    match name:
        case "id":
            text = f"{rule.id} {rule.id[:3]}"
        case "aliases":
            text = " ".join((*rule.aliases["ko"], *rule.aliases["en"]))
        case _:
            both = getattr(rule, name)
            text = f"{both.ko} {both.en}"
    return frozenset(stem(word) for word in WORD.findall(text.lower()))
