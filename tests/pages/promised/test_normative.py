"""Which sentences are policy, and so must name their rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.small import APP, a_page, a_site

from apparch.catalogue import Language
from apparch.pages.promised.normative import FACTS as FACTS_FILE
from apparch.pages.promised.normative import unneeded_facts, unruled
from apparch.pages.written.site import Page, load_site

ROOT = Path(__file__).parents[3]
NOWHERE = Path("/nonexistent")

POLICY: list[tuple[Language, str]] = [
    ("ko", "태그를 지켜야 한다."),
    ("ko", "태그가 있어야만 한다."),
    ("ko", "태그를 지켜야 하며 옮기지 않는다."),
    ("ko", "태그를 옮기면 안 된다."),
    ("ko", "태그를 옮겨서는 안 된다."),
    ("ko", "태그를 옮기는 것을 금지한다."),
    ("ko", "이동은 금지다."),
    ("ko", "반드시 새 태그를 쓴다."),
    ("ko", "절대 옮기지 않는다."),
    ("ko", "- 항목에서도 지켜야 한다."),
    ("ko", "| 칸 | 지켜야 한다 |"),
    ("ko", "태그를 옮기지 않는다."),
    ("ko", "값은 두지 않으며, 키만 남긴다."),
    ("ko", "여기에는 키만 있다."),
    ("ko", "| `config/` | 스키마만 둔다 |"),
    ("ko", "태그를 고정하는 것이 좋다."),
    ("ko", "대시를 써도 된다."),
    ("ko", "> 지켜야 한다."),
    ("en", "Tags must not move."),
    ("en", "Tags MUST not move."),
    ("en", "Tags should stay."),
    ("en", "Tags shall stay."),
    ("en", "Tags never move."),
    ("en", "Moving is forbidden."),
    ("en", "Moving is not allowed."),
    ("en", "Each repo is required to have one."),
    ("en", "Each repo has to have one."),
    ("en", "A tag may not move."),
    ("en", "It needs to stay."),
]

FACTS: list[tuple[Language, str]] = [
    ("ko", "태그는 커밋을 가리킨다."),
    ("ko", "`지켜야 한다`는 글자일 뿐이다."),
    ("ko", "야간에 한다."),
    ("ko", "태그는 움직이지 않았다."),
    ("ko", "한 개만 남았다."),
    ("en", "A tag names a commit."),
    ("en", "The word `must` is code here."),
    ("en", "A musty shoulder."),
    ("en", "There is only one."),
    ("en", "Version 8.6 is required by nothing."),
]


def faults(text: str, language: Language) -> list[str]:
    """What is wrong with a page of the App document."""
    return unruled(a_site(NOWHERE, a_page(text, APP, language)))


@pytest.mark.parametrize(("language", "sentence"), POLICY)
def test_a_sentence_of_policy_needs_a_rule(language: Language, sentence: str) -> None:
    """A sentence that commands or forbids, and names no rule, is named with its line."""
    file = "docs/arch/k8s_app_architecture.md" if language == "ko" else "docs/arch/k8s_app_architecture.en.md"

    assert [f"{file}:1: a sentence of policy without a rule; name its rule ID or state a fact: {sentence}"] == faults(
        sentence, language
    )


@pytest.mark.parametrize(("language", "sentence"), POLICY)
def test_a_sentence_that_names_its_rule_is_policy(language: Language, sentence: str) -> None:
    """The same sentences are right when they name their rule."""
    assert [] == faults(sentence.replace(".", " (IMG002).").replace("다 |", "다 IMG002 |"), language)


@pytest.mark.parametrize(("language", "sentence"), FACTS)
def test_a_fact_needs_no_rule(language: Language, sentence: str) -> None:
    """What is told, and not commanded, names no rule."""
    assert [] == faults(sentence, language)


def test_a_rule_does_not_cover_the_next_sentence() -> None:
    """Each sentence of a line names its own rule."""
    found = faults("Tags never move (IMG002). Builds must pass.", "en")

    assert ["Builds must pass."] == [text.rpartition(": ")[2] for text in found]


@pytest.mark.parametrize("text", ["```text\nTags must stay.\n```", "## Tags must stay {#a}", "[[rules: IMG002]]"])
def test_code_headings_and_tables_of_rules_are_no_prose(text: str) -> None:
    """Only sentences of prose are asked for a rule."""
    assert [] == faults(text, "en")


def test_a_place_counts_the_front_matter() -> None:
    """The line is that of the file."""
    page = Page(APP, "en", "a\n\nTags must stay.", {}, offset=9)

    assert unruled(a_site(NOWHERE, page))[0].startswith("docs/arch/k8s_app_architecture.en.md:12: ")


@pytest.mark.parametrize(
    "text", ["Tags must stay.", "Imports go downwards only.", "| secrets | never in Git |", "Target: 30 minutes."]
)
def test_what_a_repository_says_of_itself_names_its_rule(tmp_path: Path, text: str) -> None:
    """README files, documents and runbooks of the reference repositories are read, too."""
    for name in ("README.md", "docs/ARCHITECTURE.md", "docs/runbooks/x.md"):
        file = tmp_path / "snippets/app" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# App\n\n{text}\n\n```text\n{text}\n```\n", "utf-8")

    found = [line.split(": ")[0] for line in unruled(a_site(tmp_path, a_page("")))]
    assert [f"snippets/app/{name}:3" for name in ("README.md", "docs/ARCHITECTURE.md", "docs/runbooks/x.md")] == found


def test_what_the_template_says_in_korean_names_its_rule(tmp_path: Path) -> None:
    """It tells a new repository what the English text tells it."""
    file = tmp_path / "template/ko/runbooks/x.md"
    file.parent.mkdir(parents=True)
    file.write_text("# 런북\n\n시크릿을 Git에 두지 않는다.\n그것만 쓴다(SEC001).\n", "utf-8")
    assert [line.split(": ")[0] for line in unruled(a_site(tmp_path, a_page("")))] == ["template/ko/runbooks/x.md:3"]


def test_a_declared_fact_needs_no_rule(tmp_path: Path) -> None:
    """What only sounds like policy is listed with its reason, and not longer than it stands there."""
    (tmp_path / "docs").mkdir()
    (tmp_path / FACTS_FILE).write_text(
        "- {sentence: It never rains., why: weather}\n- {sentence: gone, why: x}\n", "utf-8"
    )
    site = a_site(tmp_path, a_page("It never rains. It must rain.", APP, "en"))

    assert ["It must rain."] == [line.rpartition(": ")[2] for line in unruled(site)]
    assert [f"{FACTS_FILE}: remove 'gone'"] == unneeded_facts(site)


def test_other_pages_may_speak_freely() -> None:
    """Only the three documents hold policy."""
    assert [] == unruled(a_site(NOWHERE, a_page("Tags must stay.", "start/index", "en")))


def test_no_policy_is_without_a_rule() -> None:
    """Every sentence of policy names its rule, and no fact is declared in vain."""
    site = load_site(ROOT)

    assert [] == unruled(site)
    assert [] == unneeded_facts(site)
