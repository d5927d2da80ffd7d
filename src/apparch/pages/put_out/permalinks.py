"""What a tree of editions needs beside them: addresses without a version, menus that lead from one to another."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from apparch.pages.errors import PageError

TEMPLATE = """<!doctype html>
<html>
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="canonical" href="{target}">
<meta name="robots" content="noindex">
<script>location.replace("{target}" + location.search + location.hash)</script>
<noscript><meta http-equiv="refresh" content="0; url={target}"></noscript>
</head>
<body><a href="{target}">{title}</a></body>
</html>
"""


def write_permalinks(folder: Path, newest: str = "latest") -> int:
    """For each page of the newest edition write its address without a version; the number of pages written.

    The folder is a deployed tree with one folder an edition. A page that is already there and is no permalink stays.

    Raises:
        PageError: the folder holds no newest edition.
    """
    edition = folder / newest
    if not edition.is_dir():
        raise PageError(f"{folder}: holds no edition {newest!r}; deploy one with mike first")
    count = 0
    for page in sorted(edition.rglob("index.html")):
        path = page.parent.relative_to(edition)
        stub = folder / path / "index.html"
        if path == Path() and stub.exists():
            continue
        up = "../" * len(path.parts)
        target = f"{up}{newest}/{path.as_posix()}/" if path.parts else f"{newest}/"
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(TEMPLATE.format(target=html.escape(target), title=html.escape(path.as_posix())), "utf-8")
        count += 1
    return count


def write_edition_menus(folder: Path) -> int:
    """For each edition write the list that its English pages' version menu asks for; the number of lists written.

    Material looks for `versions.json` above a site's root. mike writes it above each edition, where the Korean site
    finds it; the English site's root lies in the edition, one folder lower, and calls itself `en`.

    Raises:
        PageError: the folder holds no list of editions.
    """
    listed = folder / "versions.json"
    if not listed.is_file():
        raise PageError(f"{folder}: holds no versions.json; deploy an edition with mike first")
    editions = json.loads(listed.read_text("utf-8"))
    count = 0
    for edition in editions:
        # An edition from before has its English pages in one site with the Korean ones, and finds mike's list.
        for name in (edition["version"], *edition["aliases"]):
            if (folder / name / "en/search/search_index.json").is_file():
                menu = [_seen_from_english(other, own=other is edition) for other in editions]
                (folder / name / "versions.json").write_text(json.dumps(menu, ensure_ascii=False), "utf-8")
                count += 1
    return count


def _seen_from_english(edition: dict[str, Any], *, own: bool) -> dict[str, Any]:
    aliases = [*edition["aliases"], *(["en"] if own else [])]
    return {"version": f"../{edition['version']}/en", "title": edition["title"], "aliases": aliases}
