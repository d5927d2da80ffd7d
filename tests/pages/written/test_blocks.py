"""Which blocks a page may show, and where each says it comes from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.pages.small import APP, a_page, a_site, write_snippet

from apparch.pages.errors import PageError
from apparch.pages.written.blocks import digest, find_blocks
from apparch.pages.written.site import Page

INCLUDE = '--8<-- "snippets/a.py:one"'
PAGE = f"text\n\n```python\n{INCLUDE}\n```"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one snippet and an empty one."""
    write_snippet(tmp_path, "snippets/a.py", "# --8<-- [start:one]\nx = 1\n# --8<-- [end:one]\n")
    write_snippet(tmp_path, "snippets/empty.py", "\n")
    return tmp_path


def test_a_block_knows_its_place(root: Path) -> None:
    """A block names its page's line, its language, the lines of its snippet and its text."""
    page = a_page(PAGE)

    block = find_blocks(page, a_site(root, page))[0]

    assert (f"{APP}.md", 3, "ko", "python") == (block.page, block.line, block.page_language, block.language)
    assert ("snippets/a.py:2-2", "x = 1") == (block.origin, block.text)


def test_a_line_counts_the_front_matter(root: Path) -> None:
    """A block's line is that of its file, front matter included."""
    page = Page(APP, "ko", PAGE, {}, offset=5)

    assert 8 == find_blocks(page, a_site(root, page))[0].line


def test_a_digest_is_of_the_text_as_shown() -> None:
    """A digest is sha256 of the text without outer newlines."""
    assert hashlib.sha256(b" x\n\ny").hexdigest() == digest("\n x\n\ny\n\n")


def fence(*lines: str, info: str = "python") -> str:
    """A page of one fenced block."""
    return "\n".join([f"```{info}", *lines, "```"])


# Each row: the page, then the whole message about it.
REFUSED: dict[str, tuple[str, str]] = {
    "in a comment": (
        f"<!--\n{fence(INCLUDE)}\n-->",
        "2: a code block stands in an HTML comment, where no reader sees it; show it or delete it",
    ),
    "never closed": (f"```python\n{INCLUDE}", "1: a code block is never closed; add its closing fence"),
    "no language": (fence(INCLUDE, info=""), "1: a code block needs a language that has a judge, found ''"),
    "language not understood": (
        fence(INCLUDE, info="python titel='a'"),
        "1: a code block needs a language that has a judge, found \"python titel='a'\"",
    ),
    "empty": (fence(), "1: a code block holds one include and nothing else; move its code to a snippet file"),
    "two includes": (
        fence(INCLUDE, INCLUDE),
        "1: a code block holds one include and nothing else; move its code to a snippet file",
    ),
    "code beside the include": (
        fence("x = 1", INCLUDE),
        "1: a code block holds one include and nothing else; move its code to a snippet file",
    ),
    "typed code": (
        fence("x = 1"),
        '1: \'x = 1\' is no include; write --8<-- "snippets/PATH" or "snippets/PATH:section"',
    ),
    "missing section": (
        fence('--8<-- "snippets/a.py:two"'),
        "1: snippets/a.py: no section [two]; it has one",
    ),
    "empty file": (fence('--8<-- "snippets/empty.py"'), "1: snippets/empty.py is empty"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_block_is_refused(root: Path, text: str, message: str) -> None:
    """A block that no reader sees, or that shows anything but one snippet, is refused at its line."""
    page = a_page(text)

    with pytest.raises(PageError) as refused:
        find_blocks(page, a_site(root, page))

    assert f"docs/{APP}.md:{message}" == str(refused.value)
