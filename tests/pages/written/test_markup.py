"""What only the site's theme understands, and what stands for it in plain Markdown."""

from __future__ import annotations

import pytest

from apparch.pages.written.markup import bare, boxed, classes, explained, styled, titled


def test_the_site_gets_markup() -> None:
    """Each form as the theme's styles and Python-Markdown expect it."""
    assert styled("MUST", "level level-must", "site") == '<span class="level level-must">MUST</span>'
    assert explained("pod", 'a "group"', "site") == '<abbr title="a &quot;group&quot;">pod</abbr>'
    assert boxed(["a"], "card", "site") == ['<div class="card" markdown>', "", "a", "", "</div>"]
    assert classes("snippet proved", "site") == "{ .snippet .proved }"
    assert titled('a "b"', "site") == ' "a &quot;b&quot;"'


def test_plain_markdown_gets_the_words() -> None:
    """Nothing is left that its reader would see as signs; a title's quotes do not end it."""
    assert styled("MUST", "level level-must", "plain") == "MUST"
    assert explained("pod", 'a "group"', "plain") == "pod"
    assert boxed(["a"], "card", "plain") == ["a"]
    assert classes("snippet proved", "plain") == ""
    assert titled('a "b"', "plain") == " \"a 'b'\""


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("## Ports {#5-4}", "## Ports"),
        ("[Start](start/index.md){ .md-button .md-button--primary }", "[Start](start/index.md)"),
        ('<p class="lead">The <strong>App repo</strong></p>', "The App repo"),
        ("`<span>` and `{#id}` {#id}", "`<span>` and `{#id}`"),
        ("a {b} < c &lt; d", "a {b} < c < d"),
    ],
)
def test_an_authors_line_is_bared(line: str, left: str) -> None:
    """Elements and attribute lists go, what stands in code or is neither stays."""
    assert bare(line) == left
