"""Which form of a Korean particle follows a word, by how the word is read aloud, Latin words and code included."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from apparch.pages.written.prose import CODE, spoken


class Final(Enum):
    """How the last syllable of a word ends, which is all that particles ask."""

    OPEN = "a vowel"
    RIEUL = "ㄹ"
    CLOSED = "another consonant"


PAIRS = {"은": "는", "이": "가", "을": "를", "과": "와", "으로": "로"}
"""After a consonant, after a vowel. (으)로 takes ㄹ for a vowel."""
COPULA = ("라고", "라는", "라면", "라서", "라", "다", "며", "고", "면", "나", "든", "란")
"""What follows 이(다); only a vowel may stand without the 이."""

# A particle ends its word, or another particle follows it.
FOLLOWS = r"(?:는|도|만|의|서|써|부터|까지|만은)?(?![가-힣])"
PARTICLE = rf"(?P<particle>(?:으로|로|과|와)(?={FOLLOWS})|[은는이가을를](?![가-힣])|(?:{'|'.join(COPULA)})(?![가-힣]))"
# Signs that close a quotation or a marking stand between word and particle.
LATIN = re.compile(
    rf"(?P<word>[0-9][0-9.]*[절장]|[A-Za-z0-9](?:[A-Za-z0-9_./:@%+-]*[A-Za-z0-9%])?)[\"'”’»*_]*{PARTICLE}"
)
OBJECT = re.compile(r"(?P<word>[가-힣])(?P<particle>를)(?![가-힣])")
BRACKETS = re.compile(r"\([^()]*\)(?=[가-힣])")
NUMBER = r"[0-9A-E](?:\.?[0-9]+)*"
WIKI = re.compile(
    rf"\[\[(?:(?P<document>[a-z0-9_]+)\.md\]\](?: (?P<section>{NUMBER})[절장]?)?|(?P<own>{NUMBER})\]\][절장]?)"
)

LETTERS = {**dict.fromkeys("LR", Final.RIEUL), **dict.fromkeys("MN", Final.CLOSED)}
DIGITS = {**dict.fromkeys("178", Final.RIEUL), **dict.fromkeys("036", Final.CLOSED)}
# Capitals are read letter by letter, unless they are long enough and have a vowel to be read as a word.
SPELT = re.compile(r"[A-Z]{1,4}|[B-DF-HJ-NP-TV-XZ]+")
# Endings of English words as Korean writes them, the first that fits; what fits none ends in a vowel.
ENDINGS = [
    (re.compile(pattern), final)
    for pattern, final in (
        (r"le?$", Final.RIEUL),
        (r"(?:[mn]e?|ng)$", Final.CLOSED),
        (r"(?:ea|ee)k$|(?:oo|ea|ai|ee|oa)t$", Final.OPEN),
        (r"[aeiouy](?:c|ck|k|t|tt|p|pp|b|bb)$", Final.CLOSED),
    )
]


def wrong_particles(text: str, readings: Mapping[str, str], terms: Iterable[str] = ()) -> list[str]:
    """Each particle of a Korean line that does not fit the word before it, as `word+found: expected`.

    `readings` says how words are read that the rules of reading get wrong; `terms` are Korean words whose particles
    are looked at as well.
    """
    line = _heard(text)
    found = []
    for match in (*LATIN.finditer(line), *OBJECT.finditer(line), *_terms(line, terms)):
        final = final_of(match.group("word"), readings)
        expected = _fitting(match.group("particle"), final)
        if expected != match.group("particle"):
            found.append(f"{match.group('word')}{match.group('particle')}: {expected}")
    return found


def final_of(word: str, readings: Mapping[str, str]) -> Final:
    """How a word ends when it is read aloud in Korean."""
    last = re.split(r"[\s._/:@=+-]", word)[-1]
    for name in (word, last, re.sub(r"^.*?(?=[A-Z]?[a-z]+$|[A-Z]{2,}$)", "", last)):
        for known in (name, name.lower() if not name.isupper() or "_" in word else name):
            if known in readings:
                return _hangul(readings[known][-1])
    if "가" <= last[-1:] <= "힣":
        return _hangul(last[-1])
    if last.endswith("%"):
        return Final.OPEN
    if last[-1:].isdigit():
        return DIGITS.get(last[-1], Final.OPEN)
    tail = re.search(r"[A-Z]?[a-z]+$|[A-Z]+$", last)
    if tail and (len(tail.group()) == 1 or ("_" not in word and SPELT.fullmatch(tail.group()))):
        return LETTERS.get(tail.group()[-1].upper(), Final.OPEN)
    spelt = tail.group().lower() if tail else last.lower()
    return next((final for pattern, final in ENDINGS if pattern.search(spelt)), Final.OPEN)


def _fitting(particle: str, final: Final) -> str:
    for closed, opened in PAIRS.items():
        if particle in (closed, opened):
            vowel = final is Final.OPEN or (closed == "으로" and final is Final.RIEUL)
            return opened if vowel else closed
    return particle if final is Final.OPEN else f"이{particle}"


def _hangul(syllable: str) -> Final:
    match (ord(syllable) - ord("가")) % 28:
        case 0:
            return Final.OPEN
        case 8:
            return Final.RIEUL
        case _:
            return Final.CLOSED


def _terms(line: str, terms: Iterable[str]) -> Iterator[re.Match[str]]:
    words = [re.escape(term) for term in terms if "가" <= term[-1:] <= "힣"]
    if words:
        yield from re.finditer(rf"(?<![가-힣])(?P<word>{'|'.join(words)})(?P<particle>[은는을를](?![가-힣]))", line)


def _heard(text: str) -> str:
    """A line as it is read: references by their names, code by its last word, nothing of what stands in brackets."""
    line = WIKI.sub(_reference, text)
    return BRACKETS.sub("", spoken(CODE.sub(_code, line)))


def _code(match: re.Match[str]) -> str:
    # A pattern or a bracket at the end is read in more than one way.
    inner = re.sub(r"\(\)$", "", match.group(2)).rstrip(" /:,;=>-")
    return inner if re.search(r"[A-Za-z0-9%가-힣]$", inner) else "\ufffc"


def _reference(match: re.Match[str]) -> str:
    number = match.group("section") or match.group("own")
    if number is None:
        return "문서"
    if number[0].isalpha():
        return number
    return f"{number}절" if "." in number else f"{number}장"
