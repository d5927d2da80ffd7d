"""What readers ask of the search, and whether what it shows is where they should be led."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

import yaml

from apparch.catalogue import Language

Part = Literal["tuned", "held_out", "unseen", "fresh", "later", "asked", "public", "last"]

RULE = re.compile(r"[A-Z]{3}[0-9]{3}")
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Question:
    """What somebody types, and the places that answer it."""

    language: Language
    part: Part
    """Only the tuned part ever decides how the search is made."""
    kind: str
    ask: str
    find: tuple[str, ...]
    """Rules by their IDs, pages by name, sections as page#section."""


@dataclass(frozen=True)
class Counted:
    """How many questions were answered by the first place shown, and by one of the first three."""

    asked: int
    first: int
    three: int


def questions(language: Language) -> list[Question]:
    """The committed questions of a language, in the order of their file."""
    parts = yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))
    return [
        Question(language, part, kind, str(ask), tuple(find))
        for part, kinds in parts.items()
        for kind, asked in kinds.items()
        for ask, find in asked.items()
    ]


def leads_to(address: str, place: str) -> bool:
    """Whether an address of the site, from its root or with a host, is such a place.

    A rule is any part of its page, a page any part of itself. A section is the address with its id, or the page of a
    chapter that is named by it.
    """
    parts = urlsplit(address)
    path = unquote(parts.path).removeprefix("/").removeprefix("en/").removesuffix("/")
    page, _, section = place.partition("#")
    if RULE.fullmatch(place):
        page = f"rules/{place}"
    if not section:
        return path == page
    return ((path == page or path.startswith(f"{page}/")) and parts.fragment == section) or path == f"{page}/{section}"


def right(question: Question, addresses: Sequence[str]) -> bool:
    """Whether one of these addresses answers a question."""
    return any(leads_to(address, place) for address in addresses for place in question.find)


def count(asked: Sequence[Question], shown: Sequence[Sequence[Sequence[str]]]) -> Counted:
    """How many questions are answered; for each there are the links of every result shown, best first.

    First is the link that Enter follows. A result with several links counts among the three whichever of them is right.
    """
    pairs = list(zip(asked, shown, strict=True))
    return Counted(
        len(asked),
        sum(bool(results) and right(question, results[0][:1]) for question, results in pairs),
        sum(right(question, [link for links in results[:3] for link in links]) for question, results in pairs),
    )
