"""The form that says where a file belongs, drawn from what `apparch owner` asks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.pages.small import a_page

from apparch.catalogue import LANGUAGES, Language
from apparch.owner import DECISIONS, QUESTIONS, known_files, owner_of
from apparch.pages.drawn import decision_form
from apparch.pages.written.markup import Flavour
from apparch.pages.written.site import Page, Site, load_site

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def site() -> Site:
    """The repository's own site."""
    return load_site(ROOT)


def page(language: Language, flavour: Flavour = "site") -> Page:
    """The page that holds the form."""
    empty = a_page("", "start/owner", language)
    return Page(empty.name, language, "", {}, flavour=flavour)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_is_asked_in_turn_and_ends_in_a_repo(site: Site, language: Language) -> None:
    """Each question stands behind the no of the one before, and its yes names the repo and the rule."""
    lines = decision_form.form(page(language), site)
    asked = [(re.match(r" *", line).group().count("    "), line.strip()) for line in lines if "**" in line]  # type: ignore[union-attr]

    assert [(n, f"**{n + 1}. {text[language]}**") for n, text in enumerate(QUESTIONS)] == asked
    assert [rule for _, rule in DECISIONS] == re.findall(r"([A-Z]{3}\d{3}): ", "\n".join(lines))


def test_plain_markdown_has_no_boxes(site: Site) -> None:
    """Who reads the page as plain Markdown sees nested lists."""
    lines = decision_form.form(page("en", "plain"), site)

    assert [] == [line for line in lines if "???" in line]
    assert "- Yes: App repo" in lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_diagram_asks_the_same(language: Language) -> None:
    """The diagram of chapter 8 asks the questions in the same words, and leads to the same repos."""
    diagram = (ROOT / f"snippets/diagrams/decision.{language}.mmd").read_text("utf-8").replace("<br/>", " ")
    ends = {match[1]: match[2] for match in re.finditer(r'(\w+)\["([^"]+)"\]', diagram)}
    yes = re.findall(r"q(\d) -->\|(?:예|yes)\| (\w+)", diagram)

    assert [text[language] for text in QUESTIONS] == re.findall(r'\{"([^"]+)"\}', diagram)
    assert [home for home, _ in DECISIONS] == [
        "app" if "App" in ends[target] else "deploy" for _, target in sorted(yes)
    ]


def test_the_listed_files_belong_where_the_command_says(site: Site) -> None:
    """Each file of the table goes where `apparch owner` sends it, or where an earlier line of the table does."""
    homes = {home: text.en for home, text in decision_form.HOMES.items()}
    wrong = []
    earlier: set[tuple[str, str]] = set()
    for home, rule, patterns in known_files():
        earlier.add((home, rule))
        for pattern in patterns:
            path = pattern.replace("**", "x").replace("y*ml", "yaml").replace("*", "x")
            found = owner_of(path)
            if (found.home, found.rule) not in earlier:
                wrong.append(f"{path}: {home} {rule}, found {found.home} {found.rule}")

    assert [] == wrong
    assert set(homes) == {home for home, _, _ in known_files()}
    assert sum(1 for _ in known_files()) == len(decision_form.files(page("en"), site)) - 4
