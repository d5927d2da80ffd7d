"""Which fences a page has, compared with what the site's own Markdown shows its reader."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from markdown import Markdown

from apparch.pages.written.fences import find_fences

# Each row: the page, then for each fence its language and its body.
SHOWN: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "plain": ("```python\nx\n```", [("python", "x")]),
    "title": ('```python title="a file.py"\nx\n```', [("python", "x")]),
    "highlighted lines": ('```python hl_lines="1 2"\nx\n```', [("python", "x")]),
    "braces": ("```{.python}\nx\n```", [("python", "x")]),
    "braces with a space": ("``` { .python }\nx\n```", [("python", "x")]),
    "braces with an option": ('```{.python title="a"}\nx\n```', [("python", "x")]),
    "short name": ("```py\nx\n```", [("py", "x")]),
    "tildes": ("~~~yaml\nx\n~~~", [("yaml", "x")]),
    "longer outer fence": ("````md\n```python\nx\n```\n````", [("md", "```python\nx\n```")]),
    "tildes around backticks": ("~~~md\n```python\nx\n```\n~~~", [("md", "```python\nx\n```")]),
    "two in a row": ("```yaml\nx\n```\n\n```json\ny\n```", [("yaml", "x"), ("json", "y")]),
    "in a list": ("- item\n\n    ```python\n    x\n    ```", [("python", "x")]),
    "in an admonition": ("!!! note\n\n    ```python\n    x\n    ```", [("python", "x")]),
    "deep in a list": ("- a\n\n    - b\n\n        ```python\n        x\n        ```", [("python", "x")]),
    "in a tab": ('=== "a"\n\n    ```python\n    x\n    ```', [("python", "x")]),
    "spaces behind the end": ("```python\nx\n```  ", [("python", "x")]),
    "indented body": ("```python\nif x:\n    y\n```", [("python", "if x:\n    y")]),
    "in a quotation": ("> ```python\n> x\n> ```", [("python", "x")]),
    "in a quotation in a list": ("- a\n\n    > ```python\n    > x\n    > ```", [("python", "x")]),
    "no language": ("```\nx\n```", [("", "x")]),
    "Korean around": ("앞\n\n```python\n한글\n```\n\n뒤", [("python", "한글")]),
    "inline code": ("a ```not a fence``` b", []),
    "an item's own line": ("- `x`\n- y", []),
}


@pytest.mark.parametrize(("page", "expected"), SHOWN.values(), ids=SHOWN)
def test_fences_are_found(page: str, expected: list[tuple[str, str]]) -> None:
    """A fence is found with its language and its body, however its opening line is written."""
    found = [(fence.language, "\n".join(fence.body)) for fence in find_fences(page)]

    assert expected == found


@pytest.mark.parametrize(("page", "expected"), SHOWN.values(), ids=SHOWN)
def test_the_site_shows_the_same_fences(page: str, expected: list[tuple[str, str]]) -> None:
    """The site's own fence extension sees the same blocks."""
    assert [body for _, body in expected] == rendered(page)


@pytest.mark.parametrize(
    "opening", ["```python what is this", "```python title=a.py", '```python titel="a"', "```python, a", "``` a b"]
)
def test_an_opening_line_that_is_not_understood_has_no_language(opening: str) -> None:
    """What the site would not take for a block's opening has no language, so that no judge takes it either."""
    assert [""] == [fence.language for fence in find_fences(f"{opening}\nx\n```")]


HIDDEN: dict[str, str] = {
    "comment over lines": "<!--\n```python\nx\n```\n-->",
    "comment that never ends": "<!-- draft\n\n```python\nx\n```",
    "comment inside a paragraph": "text <!-- was:\n```python\nx\n```\n--> text",
}


@pytest.mark.parametrize("page", HIDDEN.values(), ids=HIDDEN)
def test_a_fence_in_a_comment_is_hidden(page: str) -> None:
    """A fence in an HTML comment is found and known as one that no reader sees."""
    assert [True] == [fence.hidden for fence in find_fences(page)]


def test_a_fence_behind_a_comment_is_shown() -> None:
    """A comment that has ended hides nothing."""
    assert [False] == [fence.hidden for fence in find_fences("<!-- a note -->\n\n```python\nx\n```")]


UNCLOSED: dict[str, str] = {
    "nothing": "```python\nx",
    "shorter end": "````python\nx\n```",
    "other character": "```python\nx\n~~~",
    "text behind the end": "```python\nx\n``` end",
    "other indent": "- a\n\n    ```python\n    x\n```",
}


@pytest.mark.parametrize("page", UNCLOSED.values(), ids=UNCLOSED)
def test_an_unclosed_fence_is_known(page: str) -> None:
    """A fence without an end of its own is found as one that is never closed."""
    assert False is find_fences(page)[0].closed


def test_a_fence_knows_its_lines() -> None:
    """A fence's lines are those of its opening and its closing, counted from 0."""
    fences = find_fences("a\n\n```python\nx\n```\n\n~~~yaml\ny\n~~~")

    assert [(2, 4), (6, 8)] == [(fence.first, fence.last) for fence in fences]


def rendered(page: str) -> list[str]:
    """The text of each block that the site's Markdown shows as code."""
    markdown = Markdown(
        extensions=[
            "admonition",
            "attr_list",
            "md_in_html",
            "pymdownx.highlight",
            "pymdownx.superfences",
            "pymdownx.tabbed",
        ],
        extension_configs={"pymdownx.tabbed": {"alternate_style": True}},
    )
    soup = BeautifulSoup(markdown.convert(page), "lxml")
    return [code.get_text().strip("\n") for code in soup.select("pre code")]
