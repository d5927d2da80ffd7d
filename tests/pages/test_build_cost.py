"""What a build spares itself: nothing is made twice that is the same, nothing is shared that is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import mkdocs.structure.pages
import pygments
import pymdownx.highlight
import pytest
from jinja2 import DictLoader, Environment
from markdown import Markdown
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer, YamlLexer

from apparch.pages.build_cost import SharedDocstrings, reuse_converters, share_highlighting, share_templates


@dataclass
class Documented:
    """As much of an object of the code as is asked for."""

    path: str


class Handler:
    """As much of a handler of mkdocstrings as its extension uses."""

    def __init__(self) -> None:
        self.rendered: list[str] = []
        self.outer_layer = True
        self._headings: list[Element] = []

    def render(self, data: Documented, options: Any, locale: str | None = None) -> str:
        """The object's HTML, its heading put aside."""
        self.rendered.append(data.path)
        self._headings.append(Element("h2", {"id": data.path}))
        return f"<p>{data.path} {options} {locale}</p>"

    def get_headings(self) -> list[Element]:
        """The headings put aside, once."""
        taken = list(self._headings)
        self._headings.clear()
        return taken


def ask(handler: Any, path: str, options: str = "o", locale: str = "en") -> tuple[str, list[str]]:
    """What the extension gets for one block: its HTML, its headings' ids."""
    html = handler.render(Documented(path), options, locale=locale)
    return html, [heading.attrib["id"] for heading in handler.get_headings()]


def test_the_second_language_gets_docstrings_that_the_first_had_rendered() -> None:
    """An object is rendered once, and each language gets its HTML with its headings."""
    handler = Handler()
    SharedDocstrings(handler)

    first, second = ask(handler, "app"), ask(handler, "app")

    assert ("<p>app o en</p>", ["app"]) == first == second
    assert ["app"] == handler.rendered


def test_each_language_may_take_its_headings_apart() -> None:
    """What the table of contents of one page does to a heading is not seen by the next."""
    handler = Handler()
    SharedDocstrings(handler)
    handler.render(Documented("app"), "o")
    handler.get_headings()[0].clear()

    assert ["app"] == ask(handler, "app", locale=None)[1]  # type: ignore[arg-type]


@pytest.mark.parametrize("other", [{"path": "b"}, {"options": "p"}, {"locale": "ja"}])
def test_another_object_with_other_options_or_words_is_rendered(other: dict[str, str]) -> None:
    """HTML is shared by the same object, options and locale alone."""
    handler = Handler()
    SharedDocstrings(handler)
    ask(handler, "a")

    html, _ = ask(handler, **{"path": "a", **other})

    wanted = {"path": "a", "options": "o", "locale": "en", **other}
    assert f"<p>{wanted['path']} {wanted['options']} {wanted['locale']}</p>" == html


def test_an_object_inside_another_leaves_its_headings_to_it() -> None:
    """A block in a docstring is part of the object around it, so nothing is kept or taken from it."""
    handler = Handler()
    SharedDocstrings(handler)
    handler.outer_layer = False
    for _ in range(2):
        handler.render(Documented("inner"), "o")

    assert ["inner", "inner"] == handler.rendered
    assert [] == handler.get_headings()


@pytest.fixture
def lexed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The code that is highlighted in earnest, in order."""
    seen: list[str] = []

    def spy(code: str, *how: Any) -> str:
        seen.append(code)
        return str(pygments.highlight(code, *how))

    monkeypatch.setattr(pymdownx.highlight, "highlight", spy)
    share_highlighting()
    return seen


def test_the_same_code_is_highlighted_once(lexed: list[str]) -> None:
    """The second time the same code is wanted in the same way, nothing is lexed."""
    first, second = (pymdownx.highlight.highlight("a: 1", YamlLexer(), HtmlFormatter()) for _ in range(2))

    assert first == second
    assert '<span class="nt">a</span>' in first
    assert ["a: 1"] == lexed


def test_code_in_another_language_or_with_marked_lines_is_highlighted_anew(lexed: list[str]) -> None:
    """The language and the formatter's options tell one highlighting from another."""
    ways = [
        (YamlLexer(), HtmlFormatter()),
        (PythonLexer(), HtmlFormatter()),
        (YamlLexer(stripnl=False), HtmlFormatter()),
        (YamlLexer(), HtmlFormatter(hl_lines=[1])),
    ]
    made = [pymdownx.highlight.highlight("a: 1", *way) for way in ways]

    assert ["a: 1"] * 4 == lexed
    assert made[0] != made[1]
    assert made[0] != made[3]


def test_an_edited_template_is_not_taken_from_what_was_kept(tmp_path: Path) -> None:
    """What a template compiled to is found by its source, in this build or a later one."""
    made = []
    for source in ("one {{ 1 }}", "one {{ 1 }}", "two {{ 2 }}"):
        environment = Environment(loader=DictLoader({"page.html": source}), autoescape=True)
        share_templates(environment, tmp_path / "kept")
        made.append(environment.get_template("page.html").render())

    assert ["one 1", "one 1", "two 2"] == made
    assert 1 == len(list((tmp_path / "kept").iterdir()))


@pytest.fixture
def converter(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Markdown]:
    """What a page of MkDocs asks for its converter."""
    monkeypatch.setattr("mkdocs.structure.pages.markdown", None)
    reuse_converters()
    make: Callable[..., Markdown] = vars(mkdocs.structure.pages)["markdown"].Markdown
    return lambda *names: make(extensions=list(names), extension_configs={})


def test_a_page_does_not_know_what_another_defined(converter: Callable[..., Markdown]) -> None:
    """The one converter that pages take turns with forgets each before the next."""
    assert '<a href="/a">x</a>' in converter().convert("[x]\n\n[x]: /a")
    assert "<p>[x]</p>" == converter().convert("[x]")


def test_pages_of_one_build_share_a_converter(converter: Callable[..., Markdown]) -> None:
    """Another list of extensions has another."""
    assert converter() is converter()
    assert converter() is not converter("toc")
