"""Mermaid diagrams: parsed and drawn by the Mermaid that the site ships, in a real browser."""

from __future__ import annotations

import atexit
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

from apparch.pages.proved.judges.model import Judge
from apparch.pages.proved.tools import Unavailable
from apparch.pages.written.blocks import Block

LIBRARY = "docs/assets/vendor/mermaid/mermaid.tiny.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DRAW = """async text => {
  try {
    await mermaid.parse(text);
    return (await mermaid.render("diagram", text)).svg.includes("<svg") ? "" : "nothing drawn";
  }
  catch (error) { return String(error.message || error) }
}"""


def choose(_block: Block, _root: Path) -> Judge:
    """One judge serves every diagram."""
    return Judge("Mermaid in Chromium", "mermaid", _verdict)


def _verdict(block: Block, root: Path) -> str | None:
    failure = _page(root).evaluate(DRAW, block.text)
    return f"{block.origin}: {failure}" if failure else None


@lru_cache
def _page(root: Path) -> Any:
    """A browser page with a repository's Mermaid in it."""
    page = _browser().new_page()
    page.set_content("<!doctype html><meta charset=utf-8><body></body>")
    page.add_script_tag(path=root / LIBRARY)
    page.evaluate("mermaid.initialize({ startOnLoad: false })")
    return page


@lru_cache
def _browser() -> Any:
    """One browser for a whole run."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if not chromium:
        raise Unavailable("chromium is not on this machine: install the Debian package chromium")
    driver = sync_playwright().start()
    browser = driver.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
    atexit.register(driver.stop)
    atexit.register(browser.close)
    return browser
