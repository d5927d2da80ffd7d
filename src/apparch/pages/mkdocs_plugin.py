"""The one place that knows MkDocs: it points a build at the expanded pages."""

from __future__ import annotations

import gc
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from jinja2 import Environment
from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority

from apparch.catalogue import CatalogueError
from apparch.pages.build_cost import (
    SharedDocstrings,
    reuse_converters,
    share_highlighting,
    share_templates,
    skip_positions,
)
from apparch.pages.errors import PageError
from apparch.pages.exports import exports
from apparch.pages.site import Page, Site, load_site
from apparch.pages.write import write_pages

if TYPE_CHECKING:
    # It brings a web server and a file watcher, and a build needs neither.
    from mkdocs.livereload import LiveReloadServer

PAGES = "build/pages"
TEMPLATES = "build/templates"
WATCHED = ("docs", "snippets", "src/apparch/catalogue")

WORKER = re.compile(r"(?P<folder>assets/javascripts/workers/)(?P<engine>search\.[0-9a-f]+\.min\.js)")
ALTERNATE = re.compile(r'<link rel="alternate" href="(?P<href>[^"]*)"')
EMPTY_HEAD = re.compile(r"<th(?P<rest>[^>]*)></th>")
CODE = re.compile(r"(?P<start><pre[^>]*>(?:<span></span>)?<code)>")
# The levels of a table of contents: each would be a landmark of its own, with names that come twice.
NESTED = '<nav class="md-nav" aria-label='
DIALOG = '<div class="md-search" data-md-component="search" role="dialog"'
# mkdocs.yml can name them in one language alone.
PERMALINK = ('title="이 절의 링크"', 'title="Link to this section"')
SEARCH = {"ko": "검색", "en": "Search"}


class PluginConfig(Config):
    """What mkdocs.yml may set for this plugin."""

    proofs = config_options.Type(str, default="build/proofs.json")
    """The record of the last test run, relative to mkdocs.yml."""


class ApparchPlugin(BasePlugin[PluginConfig]):
    """Expands the pages before a build and lets MkDocs render the result."""

    _site: Site
    _pages: list[Page]
    _docstrings: SharedDocstrings
    _before_plugins: tuple[list[str], list[str]]

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Ready a process that builds and ends: most of what it makes lives until then, so garbage may lie."""
        if command == "build":
            gc.disable()
            reuse_converters()
            share_highlighting()
            skip_positions()

    @event_priority(100)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Write the expanded pages and make them the source of this build."""
        root = _root(config)
        if _is_second_build(config):
            # The first build's plugins have added their own, and will do so again.
            config.markdown_extensions[:], config.extra_css[:] = self._before_plugins
        else:
            self._before_plugins = list(config.markdown_extensions), list(config.extra_css)
            # It is wanted for the code's names alone, which mkdocstrings gives it.
            autorefs: Any = config.plugins["autorefs"]
            autorefs.record_backlinks = autorefs.scan_toc = False
            try:
                self._site = load_site(root, root / self.config.proofs)
                self._pages = write_pages(self._site, root / PAGES)
            except (PageError, CatalogueError) as error:
                raise PluginError(str(error)) from None
        config.docs_dir = str(root / PAGES)
        if os.environ.get("MIKE_DOCS_VERSION"):
            # Only a deployed tree has the list of editions that the version menu asks for.
            config.extra["version"] = {"provider": "mike"}
            # Each language's build joins the edition to the address anew.
            config.site_url = self._site.url
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Close the edition's address with a slash, which mike leaves out and the sitemap needs."""
        config.site_url = f"{(config.site_url or '').rstrip('/')}/"

    @event_priority(-200)
    def on_files(self, files: Any, *, config: MkDocsConfig) -> Any:
        """Spare a build what it has done, now that i18n has sorted the files: lookups, docstrings, copies."""
        files.get_file_from_path = lru_cache(None)(files.get_file_from_path)
        mkdocstrings: Any = config.plugins["mkdocstrings"]
        if _is_second_build(config):
            # Each build makes handlers of its own, and takes none.
            mkdocstrings.handlers._handlers["python"] = self._docstrings.handler
            files.copy_static_files = lambda **_: None
        else:
            self._docstrings = SharedDocstrings(mkdocstrings.get_handler("python"))
            share_templates(self._docstrings.handler.env, _root(config) / TEMPLATES)
        return files

    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Any) -> Environment:
        """Compile the theme's templates once for both languages."""
        share_templates(env, _root(config) / TEMPLATES)
        return env

    def on_page_content(self, html: str, *, page: Any, config: MkDocsConfig, files: Any) -> str:
        """Make a column heading without words a plain cell, code reachable by keyboard, permalinks speak English."""
        if config.theme["language"] == "en":
            html = html.replace(*PERMALINK)
        return CODE.sub(r'\g<start> tabindex="0">', EMPTY_HEAD.sub(r"<td\g<rest>></td>", html))

    def on_page_context(self, context: Any, *, page: Any, config: MkDocsConfig, nav: Any) -> Any:
        """Give a rule's page its family, which stands where other pages have the navigation."""
        rule = page.meta.get("rule")
        if rule:
            language = config.theme["language"]
            family = next(family for family in self._site.catalogue.families if family.id == rule[:3])
            context["family"] = {
                "id": family.id,
                "title": family.title[language],
                "rules": [(member.id, member.title[language]) for member in family.rules],
            }
        return context

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write what other programs read beside the pages, once every page has its folder."""
        if _is_second_build(config):
            for name, text in exports(self._site, self._pages):
                Path(config.site_dir, name).write_text(text, "utf-8")

    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        """Keep the Korean build's 404 page, which the English build would write over."""
        return "" if template_name == "404.html" and config.theme["language"] == "en" else output_content

    def on_post_page(self, output: str, *, page: Any, config: MkDocsConfig) -> str:
        """Put our search worker before Material's; name the search dialog for screen readers."""
        language = config.theme["language"]
        output = WORKER.sub(rf"\g<folder>search.js?language={language}&engine=\g<engine>", output, count=1)
        # Material takes each alternate for the root of a site and asks it for a sitemap; the space keeps it from that.
        output = ALTERNATE.sub(
            lambda link: f'<link rel="alternate " href="{urljoin(page.canonical_url or "", link.group("href"))}"',
            output,
        )
        output = output.replace(NESTED, '<nav role="none" class="md-nav" data-label=')
        return output.replace(DIALOG, f'{DIALOG} aria-label="{SEARCH[language]}"', 1)

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        """Rebuild when a page, a snippet or the catalogue changes."""
        root = _root(config)
        for folder in WATCHED:
            server.watch(str(root / folder))
        return server


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path).parent


def _is_second_build(config: MkDocsConfig) -> bool:
    """Whether i18n, which builds the site once for each language, is past the first."""
    return bool(getattr(config.plugins.get("i18n"), "building", False))
