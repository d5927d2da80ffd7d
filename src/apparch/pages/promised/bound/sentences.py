"""Whether a sentence that tells an order, a comparison or a fact tells what the product holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any

from apparch.catalogue import Language
from apparch.pages.errors import PageError
from apparch.pages.promised.bound.claims import Claim
from apparch.pages.promised.bound.facts import Facts
from apparch.pages.promised.bound.texts import Line, Writing

COMPARED = re.compile(r"(?P<one>.+?) (?P<sign>[<>=]|[<>]=) (?P<other>.+)")
HELD = re.compile(r"(?P<kind>holds|lacks)\((?P<file>[^,]+), (?P<pattern>.+)\)", re.DOTALL)
# The words by which prose says that the first is more than the second, and that it is less.
MORE: dict[Language, str] = {
    "en": r"longer|larger|more than|above|exceeds?|over|at least|or more|highest|largest",
    "ko": r"길|넘|크|많|이상|최댓값",
}
LESS: dict[Language, str] = {
    "en": r"shorter|smaller|less|below|under|within|at most|or fewer|fits|smallest",
    "ko": r"짧|작|적|이하|안에|못 미|최솟값",
}
SAME: dict[Language, str] = {"en": r"equals?|same|as many", "ko": r"같"}
SAID = {">": MORE, ">=": MORE, "<": LESS, "<=": LESS, "=": SAME}


def unsaid(claim: Claim, language: Language, facts: Facts, writing: Writing, line: Line) -> Iterator[str]:
    """What the product does not bear out of a claim's sentence, with the place of the sentence.

    Raises:
        PageError: a condition has no known form or names no file.
    """
    phrase = claim.phrases[language]
    for condition in claim.so:
        match condition:
            case {"in": str(file), "steps": list(steps)} if len(condition) == 2:
                fault = _misordered(phrase, language, facts.source(file), steps, claim)
            case str(text) if held := HELD.fullmatch(text):
                fault = _unheld(held, facts)
            case str(text) if compared := COMPARED.fullmatch(text):
                fault = _miscompared(phrase, language, compared, partial(_numbers, facts, writing, line))
            case _:
                raise PageError(f"{claim.place}: {condition}: no such condition; CONTRIBUTING.md lists the forms")
        if fault:
            yield f"{line.place}: {phrase!r} is not so: {fault}"


def _unheld(held: re.Match[str], facts: Facts) -> str | None:
    found = re.search(held.group("pattern"), facts.source(held.group("file")), re.MULTILINE)
    if (found is None) == (held.group("kind") == "lacks"):
        return None
    return f"{held.group('file')} {'has' if found else 'has no'} {held.group('pattern')}"


def _misordered(phrase: str, language: Language, source: str, steps: list[Any], claim: Claim) -> str | None:
    """None where the steps' names stand in the phrase in the order in which their patterns stand in the file."""
    said, done = {}, {}
    for step in steps:
        name = str(step[language])
        found = re.search(str(step["at"]), source, re.MULTILINE)
        if name not in phrase or found is None:
            raise PageError(f"{claim.place}: {name}: the phrase does not name it, or nothing is at {step['at']}")
        said[name], done[name] = phrase.index(name), found.start()
    told, kept = sorted(said, key=said.__getitem__), sorted(done, key=done.__getitem__)
    return None if told == kept else f"the order is {', '.join(kept)}"


def _miscompared(
    phrase: str, language: Language, compared: re.Match[str], numbers: Callable[[str], set[Fraction]]
) -> str | None:
    sign = compared.group("sign")
    if not re.search(SAID[sign][language], phrase):
        return f"the claim is {compared.group()}, which the words do not say"
    ones, others = (numbers(compared.group(side)) for side in ("one", "other"))
    # Where a side has several values, as a range has, the relation holds for each of them.
    for one, other in product(sorted(ones), sorted(others)):
        holds = {">": one > other, ">=": one >= other, "<": one < other, "<=": one <= other, "=": one == other}[sign]
        if not holds:
            return f"{compared.group()} compares {float(one):g} with {float(other):g}"
    return None


def _numbers(facts: Facts, writing: Writing, line: Line, expression: str) -> set[Fraction]:
    values = {value.value for value in facts.of(expression, writing, line)}
    numbers = {value for value in values if isinstance(value, Fraction)}
    if not numbers or numbers != values:
        raise PageError(f"{expression}: is no number")
    return numbers
