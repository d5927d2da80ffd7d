"""Where expanded pages become files: the folder that the site is built from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from apparch.pages.expand import expand
from apparch.pages.rule_pages import rule_pages
from apparch.pages.site import Page, Site
from apparch.pages.source_pages import source_pages


def all_pages(site: Site) -> Iterator[Page]:
    """The pages that people wrote, then those made from data."""
    yield from site.pages
    yield from rule_pages(site)


def write_pages(site: Site, folder: Path) -> None:
    """Bring a folder up to date with the site's pages and assets; a file that would not change is left alone.

    Raises:
        PageError: a page cannot be published.
    """
    wanted: dict[Path, bytes] = {}
    for page in all_pages(site):
        front = (
            f"---\n{yaml.safe_dump(dict(page.meta), allow_unicode=True, sort_keys=False)}---\n\n" if page.meta else ""
        )
        wanted[folder / page.file] = (front + expand(page, site) + "\n").encode()
    for name, text in source_pages(site):
        wanted[folder / name] = text.encode()
    for asset in sorted((site.root / "docs").rglob("*")):
        if asset.is_file() and asset.suffix not in {".md", ".yaml"}:
            wanted[folder / asset.relative_to(site.root / "docs")] = asset.read_bytes()
    for path, content in wanted.items():
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for stale in [path for path in folder.rglob("*") if path.is_file() and path not in wanted]:
        stale.unlink()
    for directory in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(directory.iterdir()):
            directory.rmdir()
