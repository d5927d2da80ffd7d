"""What a page is said to be about."""

from __future__ import annotations

import pytest
from tests.pages.small import a_page

from apparch.pages.put_out.summary import summary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Title\n\n| a | b |\n\nA sentence that is long enough to stand for a whole page. More.",
         "A sentence that is long enough to stand for a whole page."),
        ("# Title\n\nShort. And what follows it.\n\nMore.", "Short. And what follows it."),
        ('<p class="lead">What <strong>runs</strong>, in `code` and *words*.</p>', "What runs, in code and words."),
        ("See [a page](a.md){ .b } and <abbr>what</abbr> follows.", "See a page and what follows."),
        ("# Title\n\n- only\n- a list", ""),
        ("# Title\n\n```python\nx = 1\n```\n\nWhat the code before this sentence does, in so many words.",
         "What the code before this sentence does, in so many words."),
    ],
)  # fmt: skip
def test_a_page_is_summed_up_by_how_its_prose_begins(text: str, expected: str) -> None:
    """The first prose of a page is taken without its markup, a second sentence with one that says too little."""
    assert summary(a_page(text, language="en")) == expected


def test_a_pages_own_description_wins() -> None:
    """What the author says of the page is not replaced."""
    assert summary(a_page("Prose.", description="Mine")) == "Mine"
