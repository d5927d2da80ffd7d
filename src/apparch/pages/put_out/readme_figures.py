"""The figures that the README files state of the catalogue."""

from __future__ import annotations

import re

from apparch.catalogue import Language
from apparch.pages.written.site import Site

FILES: dict[Language, str] = {"ko": "README.ko.md", "en": "README.md"}
PLACE = re.compile(r"(?<=<!-- figures -->\n).*?(?=\n<!-- /figures -->)", re.DOTALL)


def stale(site: Site) -> list[str]:
    """README files whose figures are not the catalogue's, each with what to do."""
    return [
        f"{file}: its figures are not the catalogue's; run ./dev publish"
        for language, file in _present(site)
        if _written(site, language) != (site.root / file).read_text("utf-8")
    ]


def write_figures(site: Site) -> None:
    """Bring the figures of both README files up to date."""
    for language, file in _present(site):
        (site.root / file).write_text(_written(site, language), "utf-8")


def figures(site: Site, language: Language) -> str:
    """How many rules there are, and what vouches for them."""
    rules = len(site.catalogue.rules)
    people = sum(rule.proof == "review" for rule in site.catalogue.rules.values())
    owed = len(site.ledger)
    tested = rules - people - owed
    if language == "ko":
        return (
            f"규칙은 모두 {rules}개다. {tested}개는 테스트가 맡고, {people}개는 사람이 답할 질문이고, {owed}개는 "
            "아직 증명이 없다. 테스트가 레퍼런스 레포만 들여다보는 규칙에는 그렇다고 적혀 있다."
        )
    return (
        f"There are {rules} rules: tests vouch for {tested}, {people} are questions for people, and {owed} have no "
        "proof yet. Where a test only looks at the reference repository, the rule says so."
    )


def _present(site: Site) -> list[tuple[Language, str]]:
    return [(language, file) for language, file in FILES.items() if (site.root / file).is_file()]


def _written(site: Site, language: Language) -> str:
    text = (site.root / FILES[language]).read_text("utf-8")
    return PLACE.sub(lambda _: figures(site, language), text, count=1)
