"""The one place that knows MkDocs: it expands the pages before a build and joins the two languages' sites."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority

from apparch.catalogue import CatalogueError
from apparch.pages.errors import PageError
from apparch.pages.put_out.exports import exports
from apparch.pages.put_out.page_folders import write_pages
from apparch.pages.put_out.rule_addresses import rule_addresses
from apparch.pages.put_out.search_index import search_files
from apparch.pages.written.site import Page, Site, load_site

if TYPE_CHECKING:
    # It brings a web server and a file watcher, and a build needs neither.
    from mkdocs.livereload import LiveReloadServer

PAGES = "build/pages"
WATCHED = ("docs", "snippets", "src/apparch/catalogue")
TRANSLATION = "mkdocs.en.yml"
TRANSLATION_URL = "APPARCH_ENGLISH_URL"
SYMBOLS = re.compile(r"^::: ", re.MULTILINE)


class PluginConfig(Config):
    """What mkdocs.yml may set for this plugin."""

    proofs = config_options.Type(str, default="build/proofs.json")
    """The record of the last test run, relative to mkdocs.yml."""


class ApparchPlugin(BasePlugin[PluginConfig]):
    """Writes the pages of both languages, builds one, and has the other built beside it as a project of its own."""

    _site: Site
    _pages: list[Page]
    _symbols: dict[str, list[tuple[str, str]]]
    _translation: subprocess.Popen[str]

    @event_priority(100)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Write the expanded pages and make them the source of this build."""
        root = _root(config)
        try:
            self._site = load_site(root, root / self.config.proofs)
            self._pages, self._symbols = write_pages(self._site, root / PAGES), {}
        except (PageError, CatalogueError) as error:
            raise PluginError(str(error)) from None
        config.docs_dir = str(root / PAGES / "ko")
        if os.environ.get("MIKE_DOCS_VERSION"):
            # Only a deployed tree has the list of editions that the version menu asks for.
            config.extra["version"] = {"provider": "mike"}
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Close the edition's address with a slash, which mike leaves out and the sitemap needs."""
        config.site_url = f"{(config.site_url or '').rstrip('/')}/"

    def on_files(self, files: Any, *, config: MkDocsConfig) -> Any:
        """Start the translation's build: MkDocs has emptied the site's folder by now."""
        # Not `--quiet`, which would turn the warnings off that `--strict` counts.
        command = [sys.executable, "-m", "mkdocs", "build", "--config-file", TRANSLATION]
        command += ["--site-dir", str(Path(config.site_dir, "en").absolute()), *(["--strict"] * bool(config.strict))]
        self._translation = subprocess.Popen(
            command,
            cwd=_root(config),
            env={**os.environ, TRANSLATION_URL: f"{config.site_url}en/"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return files

    def on_page_content(self, html: str, *, page: Any, config: MkDocsConfig, files: Any) -> str:
        """Keep what a page documents of code, which only its rendering knows."""
        if SYMBOLS.search(page.markdown):
            self._symbols[page.url] = [(link.id, link.title) for link in _all(page.toc) if link.level > 1]
        return html

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write what the search and other programs read beside the pages, and wait for the translation."""
        searched = search_files(self._site, self._pages, self._symbols)
        addresses = rule_addresses(self._site, self._pages, config.site_url or "/")
        for name, text in chain(exports(self._site), addresses, searched):
            file = Path(config.site_dir, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        said, _ = self._translation.communicate()
        if self._translation.returncode:
            raise PluginError(f"{TRANSLATION}: the English site was not built:\n{said.strip()}")

    def on_build_error(self, *, error: Exception) -> None:
        """Leave no build behind where this one ends early."""
        if hasattr(self, "_translation"):
            self._translation.kill()

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        """Rebuild when a page, a snippet or the catalogue changes."""
        root = _root(config)
        # The build writes these pages itself: watched, each build that changes one would bring another.
        server.unwatch(config.docs_dir)
        for folder in WATCHED:
            server.watch(str(root / folder))
        record = root / self.config.proofs
        if record.parent != root / "build":
            # A folder that nothing but the proofs beside `./dev serve` writes to.
            record.parent.mkdir(parents=True, exist_ok=True)
            server.watch(str(record.parent))
        return server


def _all(links: Any) -> Iterator[Any]:
    for link in links:
        yield link
        yield from _all(link.children)


def _root(config: MkDocsConfig) -> Path:
    # mike builds from a copy of the configuration that stands elsewhere.
    return Path(config.config_file_path).parent
