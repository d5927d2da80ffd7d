"""The pages that show each snippet file and each proof in full, where captions and the rules' pages lead."""

from __future__ import annotations

import html
from collections.abc import Iterator

from apparch.pages.drawn.captions import source_file
from apparch.pages.drawn.tests_told import proof_files
from apparch.pages.written.shown import shown_snippets
from apparch.pages.written.site import Site

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{path}</title>
<link rel="icon" href="{base}assets/favicon.svg">
<link rel="stylesheet" href="{base}assets/source.css">
</head>
<body>
<header><a href="{base}">apparch</a> <h1>{path}</h1></header>
<main>
<ol>
{lines}
</ol>
</main>
</body>
</html>
"""


def source_pages(site: Site) -> Iterator[tuple[str, str]]:
    """For each file that a page shows, names or leads to, its page's path below docs/ with the page's HTML."""
    for path in sorted({*shown_snippets(site), *proof_files(site)}):
        text = (site.root / path).read_text("utf-8").rstrip("\n")
        lines = "\n".join(
            f'<li id="L{number}"><code>{html.escape(line)}</code></li>'
            for number, line in enumerate(text.split("\n"), 1)
        )
        target = source_file(path)
        yield target, TEMPLATE.format(path=html.escape(path), lines=lines, base="../" * target.count("/"))
