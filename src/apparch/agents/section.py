"""The section of AGENTS.md that leads agents to the rules instead of repeating them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from apparch.catalogue import Family, Language, Rule, Text, load_catalogue
from apparch.checks import judges
from apparch.kinds import Kind, Kinds
from apparch.links import family_url, neutral_url

FILE = "AGENTS.md"
BEGIN, END = "<!-- apparch:begin -->", "<!-- apparch:end -->"
SECTION = re.compile(rf"^{BEGIN}\r?\n.*?^{END}(?=\r?$)", re.DOTALL | re.MULTILINE)

WRITTEN = Text(
    "<!-- `apparch export agents`가 쓴다. 이 표시 사이는 고치지 말고 명령을 다시 실행한다. -->",
    "<!-- Written by `apparch export agents`. Do not edit between the marks; run the command again. -->",
)
HEADING = Text("## 아키텍처 규칙", "## Architecture rules")
WHAT: dict[Kind, Text] = {
    "app": Text(
        "이 레포는 **App 레포**다. 컨테이너 이미지까지 만들고, 어디서 어떻게 실행할지는 Deploy 레포가 정한다.",
        "This is an **App repo**: it makes a container image. Where and how the image runs is the Deploy repo's.",
    ),
    "deploy": Text(
        "이 레포는 **Deploy 레포**다. 올라온 이미지를 골라 실행하고, 소스와 이미지의 내용은 App 레포가 맡는다.",
        "This is a **Deploy repo**: it chooses an image and runs it. What is in the image is the App repo's.",
    ),
}
BOTH = Text(
    "이 레포에는 앱의 소스와 매니페스트가 함께 있다({rule}). 바꾸는 파일이 어느 쪽인지 먼저 정한다.",
    "This repo holds both an app's source and manifests ({rule}). Tell first which of the two a file belongs to.",
)
STEPS = Text(
    "- 파일을 만들기 전에: `apparch owner PATH`\n"
    "- 고치기 전에: `apparch rule --search WORDS`, 이어서 `apparch rule ID`\n"
    "- 끝내기 전에: `apparch check --diff origin/main`. 지적은 고치고, 규칙이 틀려 보이면 사람에게 묻는다.\n"
    "- 리뷰와 커밋에서는 규칙을 ID와 주소로 인용하고 문장을 옮겨 적지 않는다.",
    "- Before you add a file: `apparch owner PATH`\n"
    "- Before you change something: `apparch rule --search WORDS`, then `apparch rule ID`\n"
    "- Before you end: `apparch check --diff origin/main`. Repair what it finds; if a rule seems wrong, ask.\n"
    "- In reviews and commits cite a rule by its ID and address, and do not restate it.",
)
FAMILIES = Text("무엇을 고치는지에 따라 읽을 규칙:", "The rules to read, by what you change:")
PEOPLE = Text("명령이 대신 보지 못하니 스스로 물을 것:", "No command sees these, so ask them yourself:")


class SectionError(Exception):
    """The file holds marks that do not make a section; the message says where."""


@dataclass(frozen=True)
class Outcome:
    """What became of a file."""

    state: Literal["current", "outdated", "missing"]
    text: str
    """The file as it should be."""


def section(kinds: Kinds, url: str, language: Language) -> str:
    """The section for a repository of these kinds, marks included, without a line break at its end."""
    held = sorted({part.kind for part in kinds.parts})
    catalogue = load_catalogue()
    bound = [family for family in catalogue.families if _of(family, held)]
    asked = [rule for family in bound for rule in family.rules if _binds(rule, held) and _is_asked(rule)]
    what = WHAT[held[0]] if len(held) == 1 else BOTH
    lines = [
        BEGIN,
        WRITTEN[language],
        "",
        HEADING[language],
        "",
        what[language].format(rule=_link("PLT001", url)),
        "",
        STEPS[language],
        "",
        FAMILIES[language],
        "",
    ]
    lines += [f"- [{family.id}]({family_url(url, family.id, language)}) {family.title[language]}" for family in bound]
    if asked:
        lines += ["", PEOPLE[language], "", *(f"- {_link(rule.id, url)} {rule.title[language]}" for rule in asked)]
    return "\n".join([*lines, "", END])


def into(text: str | None, wanted: str) -> Outcome:
    """A file's text with the section in it: in the place of the one that is there, else at the end.

    Args:
        text: the file as it is; None where there is none.
        wanted: the section, marks included.

    Raises:
        SectionError: the marks in the file do not stand for one section.
    """
    if text is None:
        return Outcome("missing", f"{wanted}\n")
    found = SECTION.findall(text)
    if len(found) != 1 and (BEGIN in text or END in text):
        raise SectionError(f"needs {BEGIN} and {END} once each, in this order, on lines of their own")
    if not found:
        return Outcome("outdated", f"{text.rstrip()}\n\n{wanted}\n" if text.strip() else f"{wanted}\n")
    newline = "\r\n" if "\r\n" in found[0] else "\n"
    state: Literal["current", "outdated"] = "current" if found[0].replace("\r\n", "\n") == wanted else "outdated"
    return Outcome(state, text if state == "current" else SECTION.sub(lambda _: wanted.replace("\n", newline), text))


def _of(family: Family, held: list[Kind]) -> bool:
    return any(_binds(rule, held) for rule in family.rules)


def _binds(rule: Rule, held: list[Kind]) -> bool:
    return not rule.replaced_by and (rule.owner == "both" or rule.owner in held)


def _is_asked(rule: Rule) -> bool:
    return rule.level == "MUST" and rule.review is not None and not judges([rule.id])


def _link(rule: str, url: str) -> str:
    return f"[{rule}]({neutral_url(url, rule)})"
