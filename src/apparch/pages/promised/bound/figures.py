"""The numbers of a sentence, in digits or words of either language, with their units.

One and two as words are left alone: they are articles and pronouns as often as counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from apparch.catalogue import Language

UNITS = {
    # Each written unit, what it counts in, and how much of that it is.
    **dict.fromkeys(["ms", "밀리초"], ("s", Fraction(1, 1000))),
    **dict.fromkeys(["s", "seconds", "second", "초"], ("s", Fraction(1))),
    **dict.fromkeys(["minutes", "minute", "min", "분"], ("s", Fraction(60))),
    **dict.fromkeys(["hours", "hour", "h", "시간"], ("s", Fraction(3600))),
    **dict.fromkeys(["days", "day", "d", "일"], ("s", Fraction(86400))),
    **dict.fromkeys(["%", "per cent", "퍼센트"], ("%", Fraction(1))),
    **{unit: ("B", Fraction(1000) ** n) for n, unit in enumerate(["B", "kB", "MB", "GB"])},
    **{unit: ("B", Fraction(1024) ** n) for n, unit in enumerate(["KiB", "MiB", "GiB"], 1)},
    **{unit: ("B", Fraction(1024) ** n) for n, unit in enumerate(["Ki", "Mi", "Gi"], 1)},
    "m": ("cpu", Fraction(1, 1000)),
}

_ONES = "three four five six seven eight nine ten eleven twelve"
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
ENGLISH = {word: value for value, word in enumerate(f"{_ONES} {_TEENS}".split(" "), 3)}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ENGLISH |= {word: 10 * value for value, word in enumerate(_TENS.split(" "), 2)}
ENGLISH |= {
    f"{tens}-{ones}": ENGLISH[tens] + value
    for tens in ["twenty", "thirty", "forty", "fifty"]
    for value, ones in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], 1)
}
ENGLISH |= {"zero": 0, "a hundred": 100, "one hundred": 100}

# The form before what is counted, as in 세 경로, and the form that stands alone, as in 셋이다.
BEFORE = {"세": 3, "네": 4, "스무": 20}
ALONE = {"셋": 3, "넷": 4, "열하나": 11, "열둘": 12}
EITHER = {word: n for n, word in enumerate(["다섯", "여섯", "일곱", "여덟", "아홉"], 5)}
EITHER |= {"서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "백": 100}
BEFORE |= {f"열{word}": n for n, word in enumerate(["한", "두", "세", "네"], 11)}
BEFORE |= {
    f"{tens}{word}": t + n
    for tens, t in {"스물": 20, "서른": 30}.items()
    for n, word in enumerate(["한", "두", "세", "네"], 1)
}
EITHER |= {f"열{word}": n for n, word in enumerate(["다섯", "여섯", "일곱", "여덟", "아홉"], 15)}
KOREAN = BEFORE | ALONE | EITHER
COUNTER = "가지|개|번|명|건|줄|군데|배|글자|단계|곳|분|시간"
PARTICLE = r"[\s,.()·:|/]|$|이|은|을|의|과|도|만|으로|에서|에|입|씩|째|뿐"


def _any_of(words: dict[str, int] | dict[str, tuple[str, Fraction]]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


WORDS = {
    "en": re.compile(rf"(?<!\w)(?P<word>{_any_of(ENGLISH)}|half an hour)(?!\w)", re.IGNORECASE),
    "ko": re.compile(
        rf"(?<!\w)(?P<word>(?:{_any_of(BEFORE | EITHER)})(?= [\w`\[]|{COUNTER})"
        rf"|(?:{_any_of(ALONE | EITHER)})(?={PARTICLE})|열(?= ?(?:{COUNTER})))"
    ),
}
DIGITS = re.compile(
    r"(?<![\w.,/:@#{<])(?<![A-Za-z]-)(?:v(?=\d+\.\d+\.\d))?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*)(?!\d|xx)"
    rf"(?P<thousands>만(?= ?(?:개|건|명|번|회|줄)))?(?:[ -]?(?P<unit>{_any_of(UNITS)})(?![A-Za-z]))?"
)
SECOND = re.compile(rf"(?: to |[~–-]|에서 )\d[\d,.]*[ -]?(?P<unit>{_any_of(UNITS)})(?![A-Za-z일])")


@dataclass(frozen=True)
class Figure:
    """A number that a text states."""

    value: Fraction | str
    """In its base unit: seconds, bytes, CPUs, per cent, or a plain count; the text itself for a version."""
    unit: str
    """`s`, `B`, `cpu`, `%`, or nothing for a plain number."""
    start: int
    end: int
    text: str
    """As it is written."""


def figures(text: str, language: Language) -> Iterator[Figure]:
    """The numbers that a text states, in order; what is no prose has to be blanked before."""
    yield from sorted([*_digits(text), *_words(text, language)], key=lambda figure: figure.start)


def _digits(text: str) -> Iterator[Figure]:
    for match in DIGITS.finditer(text):
        number = match.group("number").replace(",", "")
        if number.count(".") > 1:
            yield Figure(number, "", match.start(), match.end("number"), text[match.start() : match.end("number")])
            continue
        value = Fraction(number) * (10_000 if match.group("thousands") else 1)
        written, end = match.group("unit") or "", match.end()
        if written == "일" and len(number) > 2:
            # Behind a status such as 404 it is a verb's ending; no text here counts hundreds of days.
            written, end = "", match.start("unit")
        unit, factor = UNITS.get(written or _shared_unit(text[match.end() :]), ("", Fraction(1)))
        yield Figure(value * factor, unit, match.start(), end, text[match.start() : end])


def _shared_unit(rest: str) -> str:
    """The unit behind the second number of a range, which the first shares: 0.2 to 2 seconds."""
    match = SECOND.match(rest)
    return match.group("unit") if match else ""


def _words(text: str, language: Language) -> Iterator[Figure]:
    for match in WORDS[language].finditer(text):
        word = match.group("word").lower()
        if word == "half an hour":
            yield Figure(Fraction(1800), "s", match.start(), match.end(), match.group())
            continue
        value = 10 if word == "열" else KOREAN[word] if language == "ko" else ENGLISH[word]
        rest = re.match(r"[ -]?([A-Za-z가-힣]+)", text[match.end() :])
        unit = next((unit for unit in UNITS if rest and _is_unit(unit, rest.group(1))), "")
        base, factor = UNITS.get(unit, ("", Fraction(1)))
        end = match.end() + (rest.start(1) + len(unit) if rest and unit else 0)
        yield Figure(value * factor, base, match.start(), end, text[match.start() : end])


def _is_unit(unit: str, word: str) -> bool:
    """A Korean word may carry a particle behind its unit."""
    return word == unit if unit.isascii() else len(unit) > 1 and word.startswith(unit)
