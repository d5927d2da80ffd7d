"""What makes a build of the site cost less, with no byte of the site changed."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import mkdocs.structure.pages
import pymdownx.highlight
from jinja2 import Environment, FileSystemBytecodeCache
from markdown import Markdown
from material.plugins.search.plugin import Parser
from pygments.formatter import Formatter
from pygments.lexer import Lexer


class SharedDocstrings:
    """Stands between mkdocstrings and its handler, so that both languages share what the first had made."""

    def __init__(self, handler: Any) -> None:
        self.handler = handler
        self._render, self._take_headings = handler.render, handler.get_headings
        self._made: dict[tuple[str, str, str | None], tuple[str, list[Element]]] = {}
        self._headings: list[Element] = []
        handler.render, handler.get_headings = self.render, self.get_headings

    def render(self, data: Any, options: Any, locale: str | None = None) -> str:
        """The HTML of an object, its headings put aside."""
        if not self.handler.outer_layer:
            return str(self._render(data, options, locale=locale))
        key = (data.path, repr(options), locale)
        if key not in self._made:
            html = self._render(data, options, locale=locale)
            self._made[key] = html, list(self._take_headings())
        html, headings = self._made[key]
        # The table of contents takes them apart.
        self._headings += deepcopy(headings)
        return html

    def get_headings(self) -> list[Element]:
        """The headings put aside since they were last asked for."""
        taken, self._headings = self._headings, []
        return taken


def share_highlighting() -> None:
    """Let the site's fences highlight the same code in the same way once; lasts as long as the process."""
    made: dict[tuple[object, ...], str] = {}
    highlight = pymdownx.highlight.highlight

    def remembered(code: str, lexer: Lexer, formatter: Formatter[str]) -> str:
        how = (type(lexer), repr(lexer.options), type(formatter), repr(formatter.options))
        if (code, *how) not in made:
            made[code, *how] = highlight(code, lexer, formatter)
        return made[code, *how]

    pymdownx.highlight.highlight = remembered


def reuse_converters() -> None:
    """Let the pages of a build take turns with one Markdown converter; lasts as long as the process."""
    made: dict[tuple[object, ...], Markdown] = {}

    def converter(*, extensions: list[Any], extension_configs: dict[str, Any]) -> Markdown:
        # A plugin's extension is an object, and each language's build has its own.
        key = tuple(extensions)
        if key not in made:
            made[key] = Markdown(extensions=extensions, extension_configs=extension_configs)
        return made[key].reset()

    mkdocs.structure.pages.markdown = SimpleNamespace(Markdown=converter)  # type: ignore[attr-defined]


def skip_positions() -> None:
    """Spare the search index the line and column of every tag, which nothing reads; lasts as long as the process."""
    Parser.updatepos = lambda _parser, _start, end: end


def share_templates(env: Environment, folder: Path) -> None:
    """Keep in a folder what templates compile to; it is found by a digest of their source, so an edit is seen."""
    folder.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(folder))
