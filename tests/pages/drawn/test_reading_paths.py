"""Reading paths: where they lead and how long they take."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.small import APP, a_page, a_site, write_snippet

from apparch.catalogue import Language
from apparch.pages.drawn.reading_paths import draw, minutes
from apparch.pages.errors import PageError
from apparch.pages.written.site import Page, Site

PATHS = """
- id: reviewer
  role: {ko: 리뷰한다, en: I review}
  steps: [start/a, k8s_app_architecture 1.2]
"""


def site(root: Path, paths: str = PATHS) -> Site:
    """A site with one path over two pages."""
    write_snippet(root, "docs/paths.yaml", paths)
    two = f"### 1.2 Two {{#1-2}}\n\n{'word ' * 450}\n\n#### Three {{#1-2-a}}\n\n{'word ' * 150}\n"
    text = f"# D {{#top}}\n\n## 1 One {{#1}}\n\n{two}"
    pages = (a_page("# A\n\nshort\n", "start/a", "en"), a_page(text, APP, "en"), a_page("", "index", "en"))
    return a_site(root, *pages)


def test_a_step_tells_its_minutes_and_a_path_their_sum(tmp_path: Path) -> None:
    """A section counts with what stands below it, and links lead from the page that holds the path."""
    made = site(tmp_path)
    lines = draw(made.pages[-1], made)

    assert [
        "- [ ] [A](start/a.md) · 1 min",
        "- [ ] [App document section 1.2: Two](arch/k8s_app_architecture.md#1-2) · 4 min",
    ] == [line for line in lines if line.startswith("- [ ]")]
    assert '<p class="reading-time">5 min in all</p>' in lines


def test_what_is_done_tells_its_minutes_itself(tmp_path: Path) -> None:
    """A page of commands takes the time that its commands take."""
    made = site(tmp_path, PATHS.replace("start/a", "{page: start/a, minutes: 60}"))

    assert "- [ ] [A](start/a.md) · 60 min" in draw(made.pages[-1], made)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("word " * 200, "en", 1),
        ("word " * 201, "en", 2),
        ("말" * 501, "ko", 2),
        ("```text\n" + "word " * 900 + "\n```", "en", 1),
        ("[[rules: IMG002]]", "en", 1),
        ("word " * 195 + "\n[[rules: IMG002]]", "en", 2),
    ],
)
def test_prose_and_rules_are_counted_and_code_is_not(text: str, language: Language, expected: int) -> None:
    """Time follows from the words of a text, the statements of its rules included."""
    assert expected == minutes(text, language, a_site(Path()))


@pytest.mark.parametrize("step", ["start/b", "k8s_app_architecture 7"])
def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path, step: str) -> None:
    """A step without a page or a section is named."""
    made = site(tmp_path, PATHS.replace("start/a", step))

    with pytest.raises(PageError, match=rf"docs/paths\.yaml: {step}: there is no such"):
        draw(Page("index", "en", "", {}), made)
