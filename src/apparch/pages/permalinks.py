"""The addresses without a version: each leads to the same page of the newest edition."""

from __future__ import annotations

import html
from pathlib import Path

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
