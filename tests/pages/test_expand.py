"""How a page as written becomes the page as published."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.small import APP, DEPLOY, a_page, a_site, write_snippet

from apparch.pages.errors import PageError
from apparch.pages.expand import expand
from apparch.pages.proofs import BlockProof, Proofs
from apparch.pages.written.blocks import digest
from apparch.pages.written.site import Page, Site

CAPTION = (
    "[snippets/a.py:2-2](../source/a.py/index.html#L2){ .snippet-file } · 이 빌드에서는 확인하지 않음\n{ .snippet }"
)
FENCE = '```python\n--8<-- "snippets/a.py:one"\n```'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a snippet of one line and one that holds fences."""
    write_snippet(tmp_path, "snippets/a.py", "# --8<-- [start:one]\nx = 1\n# --8<-- [end:one]\n")
    write_snippet(tmp_path, "snippets/b.py", '"""\n````md\n```\n````\n"""\n')
    return tmp_path


def expanded(root: Path, text: str) -> str:
    """A page of the App document, published."""
    page = a_page(text)
    return expand(page, a_site(root, page, a_page("", DEPLOY)))


def test_an_include_is_replaced_by_its_text_and_caption(root: Path) -> None:
    """A block shows its snippet, and below it the way to the file."""
    assert f"a\n\n```python\nx = 1\n```\n\n{CAPTION}\n\nb" == expanded(root, f"a\n\n{FENCE}\nb")


def test_a_whole_file_is_named_without_lines(root: Path) -> None:
    """The caption of a whole file names the file alone."""
    text = expanded(root, '```python\n--8<-- "snippets/a.py"\n```')

    assert "[snippets/a.py](../source/a.py/index.html#L1){ .snippet-file }" in text


def test_a_proved_block_names_its_judge(root: Path) -> None:
    """The caption of a block that was judged in the recorded run names what judged it."""
    page = a_page(FENCE)
    proof = BlockProof(f"{APP}.md", "ko", "python-file", digest("x = 1"), "", "CPython, ruff", "passed")
    site = a_site(root, page, proofs=Proofs((proof,), recorded=True))

    assert expand(page, site).rstrip("\n").endswith(" · 이 빌드에서 확인함: CPython, ruff\n{ .snippet .proved }")


def test_an_indented_block_stays_indented(root: Path) -> None:
    """A block in a list keeps the list's indent on each of its lines."""
    shown = expanded(root, '- a\n\n    ```python\n    --8<-- "snippets/a.py:one"\n    ```')

    assert shown.startswith("- a\n\n    ```python\n    x = 1\n    ```\n\n    [snippets/a.py:2-2]")


def test_a_fence_is_longer_than_those_it_shows(root: Path) -> None:
    """A snippet that holds fences is shown in a longer one, so that it does not end early."""
    shown = expanded(root, '```python\n--8<-- "snippets/b.py"\n```')

    assert '`````python\n"""\n````md\n```\n````\n"""\n`````' in shown


def test_an_opening_line_keeps_its_options(root: Path) -> None:
    """What stands behind the language is published as written."""
    assert '```python title="a"\nx = 1\n```' in expanded(root, FENCE.replace("python", 'python title="a"'))


def test_prose_and_directives_are_expanded(root: Path) -> None:
    """Rule mentions are linked, in prose and in the tables drawn from the catalogue."""
    shown = expanded(root, "IMG002을 지킨다.\n\n[[rules: IMG002 | title]]")

    link = '[IMG002](../rules/IMG002.md "태그는 움직이지 않는다"){ .rule }'
    assert f"{link}을 지킨다.\n\n\n| 규칙 | 요약 |\n| --- | --- |\n| {link} | **태그는 움직이지 않는다** |\n" == shown


def test_a_comment_is_left_alone(root: Path) -> None:
    """Mentions in an HTML comment are nobody's to follow."""
    assert "<!-- ABC001\n[[9.9]] -->" == expanded(root, "<!-- ABC001\n[[9.9]] -->")


def test_the_title_of_a_document_is_followed_by_its_card(root: Path) -> None:
    """A document's front matter is shown below its title, other documents as links."""
    page = a_page("# 문서\n\ntext", document={"id": "ARCH-1", "version": "3.0.0", "related": ["k8s_sub_architecture"]})
    shown = expand(page, a_site(root, page, a_page("", DEPLOY)))

    assert shown.split("\n")[1:8] == [
        "",
        '<div class="document-card" markdown>',
        "",
        "- **문서 ID** ARCH-1",
        "- **버전** 3.0.0",
        "- **관련 문서** [Deploy 문서](k8s_sub_architecture.md)",
        "",
    ]


# Each row: the page, then the whole message about it.
REFUSED: dict[str, tuple[str, str]] = {
    "include outside a fence": (
        'a\n\n--8<-- "snippets/a.py"',
        "3: an include or directive that nothing expands; see CONTRIBUTING.md for their forms",
    ),
    "include in an item's fence": (
        '- ```python\n  --8<-- "snippets/a.py"\n  ```',
        "2: an include or directive that nothing expands; see CONTRIBUTING.md for their forms",
    ),
    "directive inside a sentence": (
        "see [[rules: IMG002]] here",
        "1: an include or directive that nothing expands; see CONTRIBUTING.md for their forms",
    ),
    "unknown rule": ("a\nABC001", "2: ABC001: no such rule in the catalogue; correct the ID or add the rule"),
    "unknown rule in a table": (
        "[[rules: ABC001]]",
        "1: ABC001: no such rule in the catalogue; correct the ID or add the rule",
    ),
    "block in a comment": (
        f"<!--\n{FENCE}\n-->",
        "2: a code block stands in an HTML comment, where no reader sees it; show it or delete it",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_published_is_refused(root: Path, text: str, message: str) -> None:
    """What would reach a reader unexpanded, or lead nowhere, ends the page at its line."""
    with pytest.raises(PageError) as refused:
        expanded(root, text)

    assert f"docs/{APP}.md:{message}" == str(refused.value)


def test_a_place_counts_the_front_matter(root: Path) -> None:
    """A message's line is that of the file, front matter included."""
    page = Page(APP, "ko", "ABC001", {}, offset=4)

    with pytest.raises(PageError, match=rf"docs/{APP}\.md:5: ABC001"):
        expand(page, a_site(root, page))


def test_an_include_in_inline_code_is_text(root: Path) -> None:
    """A page may speak of includes and directives in inline code."""
    assert "write `--8<--` or `[[ledger]]`" == expanded(root, "write `--8<--` or `[[ledger]]`")


def test_expansion_depends_on_nothing_else(root: Path) -> None:
    """The same page and site give the same text each time."""
    page = a_page(f"GHCR IMG002\n\n{FENCE}")
    site: Site = a_site(root, page)

    assert expand(page, site) == expand(page, site)


def test_the_plain_flavour_shows_the_same_without_the_themes_markup(root: Path) -> None:
    """The block is the one that was judged, and its caption has no attribute list."""
    write_snippet(root, "snippets/a.py", "x = 1\n")
    page = a_page('## One {#1}\n\n```python\n--8<-- "snippets/a.py"\n```\n', APP, "en")
    site = a_site(root, page, a_page("", DEPLOY))
    assert expand(page, site, "plain").rstrip() == (
        "## One\n\n```python\nx = 1\n```\n\n[snippets/a.py](../source/a.py/index.html#L1) · not verified in this build"
    )
