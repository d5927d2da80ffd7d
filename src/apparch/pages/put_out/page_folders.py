"""Where expanded pages become files: a folder a language, which its site is built from."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from apparch.catalogue import LANGUAGES
from apparch.pages.drawn.source_pages import source_pages
from apparch.pages.put_out.documented_code import documented_code
from apparch.pages.put_out.published_pages import published_pages
from apparch.pages.put_out.summary import summary
from apparch.pages.written.site import Page, Site

CODE = "code"
"""Where the code that pages document is, below the folder of the pages."""


def write_pages(site: Site, folder: Path) -> list[Page]:
    """Bring a folder up to date with the site's pages and assets; a file that would not change is left alone.

    Returns:
        The pages with the text that they are published with.

    Raises:
        PageError: a page cannot be published.
    """
    wanted: dict[Path, bytes] = {}
    pages = [replace(page, meta=_described(page)) for page in published_pages(site)]
    for page in pages:
        wanted[folder / page.published] = f"{_front_matter(page, site)}{page.text}\n".encode()
    shared = {name: text.encode() for name, text in source_pages(site)}
    for asset in sorted((site.root / "docs").rglob("*")):
        if asset.is_file() and asset.suffix not in {".md", ".yaml"}:
            shared[asset.relative_to(site.root / "docs").as_posix()] = asset.read_bytes()
    for language in LANGUAGES:
        wanted |= {folder / language / name: content for name, content in shared.items()}
    wanted |= {folder / CODE / name: content for name, content in documented_code(pages, site.root).items()}
    for path, content in wanted.items():
        if _content(path) != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    present = [Path(place, name) for place, _, names in os.walk(folder) for name in names]
    for stale in [path for path in present if path not in wanted]:
        stale.unlink()
        for directory in stale.parents:
            if directory == folder or any(directory.iterdir()):
                break
            directory.rmdir()
    return pages


def _described(page: Page) -> dict[str, Any]:
    """What is known of a page, with a description in any case: previews and search engines show it."""
    said = summary(page)
    return {**page.meta, "description": said} if said else dict(page.meta)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _front_matter(page: Page, site: Site) -> str:
    """A page's own, with where its file is edited; JSON is YAML too, and written faster."""
    meta = dict(page.meta)
    if site.origin and (page.name, page.language) in site.by_name:
        file = f"docs/{page.file}"
        meta |= {"edit": site.origin.edit(file), "report": site.origin.report(f"{file}: ")}
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False, default=str)}\n" for key, value in meta.items())
    return f"---\n{''.join(lines)}---\n\n" if meta else ""
