"""Whether both languages say the same, and what happens when one side is edited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.pages.small import APP, a_page, a_rule, a_site

from apparch.catalogue import Text
from apparch.pages.errors import PageError
from apparch.pages.promised.parity import RECORD, confirm, differences, unconfirmed
from apparch.pages.written.site import Site, load_site

ROOT = Path(__file__).parents[3]

KO = "# 문서\n\n앞말\n\n## 4 태그 {#4}\n\n가 IMG002 [[4]]\n\n## 5 값 {#5}\n\n나"
EN = "# Document\n\npreface\n\n## 4 Tags {#4}\n\na IMG002 [[4]]\n\n## 5 Values {#5}\n\nb"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty repository."""
    (tmp_path / "docs").mkdir()
    return tmp_path


def both(root: Path, ko: str = KO, en: str = EN) -> Site:
    """A page in both languages."""
    return a_site(root, a_page(ko, APP, "ko"), a_page(en, APP, "en"))


BLOCK = '```mermaid\n--8<-- "snippets/{}"\n```'

# Each row: the Korean and the English section's text, then the message behind its place.
DIFFERENT: dict[str, tuple[str, str, str]] = {
    "include": (
        BLOCK.format("a.py"),
        "",
        "includes differ: only in Korean ['--8<-- \"snippets/a.py\"'], only in English []",
    ),
    "rule": ("IMG002", "", "rules differ: only in Korean ['IMG002'], only in English []"),
    "link": ("", "[[4.2]]", "wiki links differ: only in Korean [], only in English [' 4.2']"),
    "link to another document": (
        "[[k8s_sub_architecture.md]] 3",
        "[[k8s_sub_architecture.md]]",
        "wiki links differ: only in Korean ['k8s_sub_architecture 3'], only in English ['k8s_sub_architecture ']",
    ),
    "Markdown link": (
        "[가](../a.md#b)",
        "[a](../a.md#c)",
        "links differ: only in Korean ['../a.md#b'], only in English ['../a.md#c']",
    ),
    "directive": (
        "[[rules: IMG002 | title]]",
        "[[rules: IMG002]]",
        "directives differ: only in Korean ['[[rules: IMG002 | title]]'], only in English ['[[rules: IMG002]]']",
    ),
}


@pytest.mark.parametrize(("ko", "en", "message"), DIFFERENT.values(), ids=DIFFERENT)
def test_a_difference_of_shape_is_found(root: Path, ko: str, en: str, message: str) -> None:
    """A section that shows or names something in one language alone is named with what differs."""
    site = both(root, f"## A {{#a}}\n\n{ko}", f"## A {{#a}}\n\n{en}")

    assert [f"docs/{APP}#a: {message}"] == differences(site)


def test_the_order_of_includes_counts(root: Path) -> None:
    """The same includes in another order differ."""
    one, two = BLOCK.format("a.py"), BLOCK.format("b.py")
    site = both(root, f"{one}\n\n{two}", f"{two}\n\n{one}")

    assert [f"docs/{APP}#top: includes differ: only in Korean [], only in English []"] == differences(site)


def test_a_file_for_each_language_is_the_same_include(root: Path) -> None:
    """Diagrams drawn once a language are each other's counterpart."""
    assert [] == differences(both(root, BLOCK.format("a.ko.mmd"), BLOCK.format("a.en.mmd")))


def test_a_missing_section_is_found(root: Path) -> None:
    """A section that one language lacks is named."""
    assert [f"docs/{APP}: sections differ: Korean #4, English #5"] == differences(
        both(root, KO, EN.replace("## 4 Tags {#4}", ""))
    )


def test_a_section_too_many_at_the_end_is_found(root: Path) -> None:
    """A section that only one language goes on with is named."""
    found = differences(both(root, KO + "\n\n## 6 {#6}", EN))

    assert [f"docs/{APP}: sections differ: Korean #6, English none"] == found


def test_another_level_is_found(root: Path) -> None:
    """A heading of another level is named."""
    site = both(root, "## A {#a}", "### A {#a}")

    assert [f"docs/{APP}#a: heading levels differ: 2 and 3"] == differences(site)


def test_a_page_in_one_language_is_found(root: Path) -> None:
    """A page without its counterpart is named."""
    site = a_site(root, a_page(KO))

    assert [f"docs/{APP}: stands in one language only; write its counterpart"] == differences(site)


def test_a_heading_without_an_id_is_found(root: Path) -> None:
    """A heading that has its id in one language alone is named."""
    site = both(root, "## A {#a}", "## A")

    assert [f"docs/{APP}: sections differ: Korean #a, English one without an id"] == differences(site)


def test_a_line_of_links_is_no_directive(root: Path) -> None:
    """Each language writes its own words between links, even where they fill a line."""
    assert [] == differences(both(root, "[[4.2]]와 [[5]]", "[[4.2]] and [[5]]"))


def test_equal_shapes_have_no_difference(root: Path) -> None:
    """Two pages of the same shape agree, whatever their words."""
    assert [] == differences(both(root))


def test_everything_is_new_before_it_is_confirmed(root: Path) -> None:
    """Each section and each rule waits for its first confirmation, with the command that gives it."""
    found = unconfirmed(both(root))

    assert [f"{APP}#top", f"{APP}#4", f"{APP}#5", "IMG002"] == [line.split(": ")[0] for line in found]
    assert f"{APP}#4: is new; compare both languages, then run ./dev confirm '{APP}#4'" == found[1]


def test_confirmed_sections_are_right(root: Path) -> None:
    """What was confirmed and has not changed since is right."""
    confirm(both(root), ["all"])

    assert [] == unconfirmed(both(root))


# Each row: what stands instead of the texts that were confirmed, then what is said of section 4.
EDITS: dict[str, tuple[str, str, str]] = {
    "Korean": (KO.replace("가", "갸"), EN, "the Korean text changed and the English did not"),
    "English": (KO, EN.replace("a IMG", "an IMG"), "the English text changed and the Korean did not"),
    "both": (KO.replace("가", "갸"), EN.replace("a IMG", "an IMG"), "both texts changed"),
}


@pytest.mark.parametrize(("ko", "en", "message"), EDITS.values(), ids=EDITS)
def test_an_edit_waits_for_confirmation(root: Path, ko: str, en: str, message: str) -> None:
    """An edit on either side names its section alone, and says which side changed."""
    confirm(both(root), ["all"])

    assert [f"{APP}#4: {message}; compare both languages, then run ./dev confirm '{APP}#4'"] == unconfirmed(
        both(root, ko, en)
    )


def test_layout_is_no_edit(root: Path) -> None:
    """Line breaks and blank lines change no meaning."""
    confirm(both(root), ["all"])

    assert [] == unconfirmed(both(root, KO.replace("\n\n나", "\n\n\n나  "), EN))


def test_an_edit_to_a_rule_waits_for_confirmation(root: Path) -> None:
    """A rule's texts are confirmed like a section's."""
    confirm(both(root), ["all"])
    changed = a_rule(reason=Text("다른 까닭", "One name, one content."))
    site = a_site(root, *both(root).pages, rules=(changed,))

    assert ["IMG002: the Korean text changed and the English did not"] == [
        line.split(";")[0] for line in unconfirmed(site)
    ]


@pytest.mark.parametrize(
    ("places", "confirmed"),
    [
        ([f"{APP}#4"], [f"{APP}#4"]),
        ([APP], [f"{APP}#top", f"{APP}#4", f"{APP}#5"]),
        (["IMG002"], ["IMG002"]),
        (["all"], [f"{APP}#top", f"{APP}#4", f"{APP}#5", "IMG002"]),
    ],
)
def test_places_are_confirmed_by_name(root: Path, places: list[str], confirmed: list[str]) -> None:
    """A section, a page, a rule or everything is confirmed, and nothing else."""
    assert [f"confirmed {place}" for place in confirmed] == confirm(both(root), places)


def test_nothing_is_confirmed_twice(root: Path) -> None:
    """What is confirmed already is not said again."""
    confirm(both(root), ["all"])

    assert [] == confirm(both(root), ["all"])


def test_an_unknown_place_is_refused(root: Path) -> None:
    """A place that does not exist is named, and nothing is written."""
    with pytest.raises(PageError, match="arch/x#9: no such page, section or rule"):
        confirm(both(root), ["arch/x#9"])

    assert not (root / RECORD).exists()


def test_a_section_that_is_gone_is_named(root: Path) -> None:
    """A record of what no longer exists is named, and leaves with the next confirmation."""
    confirm(both(root), ["all"])
    shorter = both(root, KO.split("## 5", maxsplit=1)[0], EN.split("## 5", maxsplit=1)[0])

    assert [f"{APP}#5: is gone; run ./dev confirm all"] == [line for line in unconfirmed(shorter) if "#5" in line]
    confirm(shorter, ["all"])
    assert [] == unconfirmed(shorter)


def test_a_new_rule_waits_for_confirmation(root: Path) -> None:
    """A rule that was never confirmed is new."""
    confirm(both(root), ["all"])
    site = a_site(root, *both(root).pages, rules=(a_rule(), a_rule("IMG003")))

    assert ["IMG003: is new"] == [line.split(";")[0] for line in unconfirmed(site)]


def test_the_languages_of_the_site_agree() -> None:
    """Every page of the repository has the same shape in both languages."""
    assert [] == differences(load_site(ROOT))


def test_front_matter_does_not_count(root: Path) -> None:
    """A page's front matter is no translated text."""
    confirm(both(root), ["all"])
    site = both(root)
    pages = tuple(replace(page, meta={"title": "x"}) for page in site.pages)

    assert [] == unconfirmed(replace(site, pages=pages))
