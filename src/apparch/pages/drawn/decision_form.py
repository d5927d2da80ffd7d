"""Where a file or a change belongs: the four questions of chapter 8 as a form, and the files that need no question."""

from __future__ import annotations

import textwrap

from apparch.catalogue import Text
from apparch.owner import DECISIONS, QUESTIONS, Home, known_files
from apparch.pages.drawn.markdown_table import table
from apparch.pages.written.site import Page, Site

HOMES: dict[Home, Text] = {
    "app": Text("App 레포", "App repo"),
    "deploy": Text("Deploy 레포", "Deploy repo"),
    "neither": Text("어느 레포에도 두지 않는다", "Neither repo"),
}
YES, NO = Text("예", "Yes"), Text("아니요", "No")
NEXT = Text("다음 질문", "the next question")
SPLIT = Text("변경을 나누어 다시 묻는다", "split the change and ask again")
SPLIT_HOW = Text(
    "변경 하나에 두 레포의 것이 섞여 있다. 나눈 것마다 첫 질문부터 다시 묻는다."
    " [[k8s_app_architecture.md]] 8.3에 예가 있다.",
    "The change mixes what belongs to both repos. Ask each part again from the first question;"
    " [[k8s_app_architecture.md]] 8.3 has an example.",
)
HEADER = Text("파일", "File"), Text("레포", "Repo"), Text("규칙", "Rule"), Text("요약", "In short")


def form(page: Page, site: Site) -> list[str]:
    """The questions in turn: an answer opens the repo with its rule, or the next question."""
    asked: list[str] = []
    for number in reversed(range(len(QUESTIONS))):
        asked = _question(number, asked, page, site)
    return ["", *asked, ""]


def files(page: Page, site: Site) -> list[str]:
    """Each file that its name tells the repo of, with the rule that says so."""
    language = page.language
    rows = (
        [
            ", ".join(f"`{pattern}`" for pattern in patterns),
            HOMES[home][language],
            rule,
            site.catalogue.rules[rule].title[language],
        ]
        for home, rule, patterns in known_files()
    )
    return table([text[language] for text in HEADER], rows)


def _question(number: int, after: list[str], page: Page, site: Site) -> list[str]:
    """A question with both of its answers; what stands behind the last no is to split."""
    language = page.language
    home, rule = DECISIONS[number]
    statement = f"{rule}: {' '.join(site.catalogue.rules[rule].statement[language].split())}"
    last = number == len(QUESTIONS) - 1
    return [
        f"**{number + 1}. {QUESTIONS[number][language]}**",
        "",
        *_answer("yes", f"{YES[language]}: {HOMES[home][language]}", [statement], page),
        *_answer(
            "no",
            f"{NO[language]}: {(SPLIT if last else NEXT)[language]}",
            [SPLIT_HOW[language]] if last else after,
            page,
        ),
    ]


def _answer(kind: str, title: str, inside: list[str], page: Page) -> list[str]:
    """What opens on the site, and stands indented in plain Markdown."""
    body = textwrap.indent("\n".join(inside), "    ").split("\n")
    return [f'??? answer-{kind} "{title}"' if page.flavour == "site" else f"- {title}", "", *body, ""]
