"""What a tree of editions needs beside them: addresses without a version, each leading to the newest edition."""

from __future__ import annotations

import html
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

from apparch.pages.errors import PageError

TEMPLATE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
{tags}
<script>location.replace("{target}" + location.search + location.hash)</script>
<noscript><meta http-equiv="refresh" content="0; url={target}"></noscript>
</head>
<body><a href="{target}">{title}</a></body>
</html>
"""
NEUTRAL = re.compile(r"(?<=\")\.\./\.\./")
"""Where a rule's address without a language leads to."""
READ_BY_PROGRAMS = {".md", ".txt", ".json", ".atom"}
OF_THE_EDITION = {"assets", "search", "source", "versions.json"}
"""What nobody asks for without its edition."""


def write_permalinks(folder: Path, newest: str = "latest") -> int:
    """For all that the newest edition publishes write its address without a version; the number of files written.

    The folder is a deployed tree with one folder an edition. A page's address is a small page that leads on, and
    shows a chat's preview or a search engine what the page itself shows; what programs read is there in full.

    Raises:
        PageError: the folder holds no newest edition, or a page of it gives another page's address as its own.
    """
    edition = folder / newest
    if not edition.is_dir():
        raise PageError(f"{folder}: holds no edition {newest!r}; deploy one with mike first")
    count = 0
    for page in sorted(edition.rglob("index.html")):
        path = page.parent.relative_to(edition)
        if path.parts[:1] == ("r",):
            _write(folder / path / "index.html", _neutral(page.read_text("utf-8"), path, newest))
        else:
            _write(folder / path / "index.html", _stub(page, path, newest))
        count += 1
    for file in sorted(edition.rglob("*")):
        path = file.relative_to(edition)
        own = OF_THE_EDITION & {path.parts[0], *path.parts[1:2]}
        if file.is_file() and (path.suffix in READ_BY_PROGRAMS or path.name == "404.html") and not own:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, folder / path)
            count += 1
    return count


def _stub(page: Path, path: Path, newest: str) -> str:
    """The page that leads on to one of the newest edition."""
    head = _Head()
    head.feed(page.read_text("utf-8").partition("</head>")[0])
    up = "../" * len(path.parts)
    target = html.escape(f"{up}{newest}/{path.as_posix()}/" if path.parts else f"{newest}/")
    # A source file's page has no address of its own to tell.
    tags = _without_version("\n".join(head.tags), head.canonical, path) if head.canonical else ""
    title = html.escape(head.title or path.as_posix(), quote=False)
    return TEMPLATE.format(language=head.language, title=title, tags=tags, target=target)


def _neutral(text: str, path: Path, newest: str) -> str:
    """A rule's address without a language leads on to the newest edition by itself, and needs no page between."""
    head = _Head()
    head.feed(text.partition("</head>")[0])
    canonical = Path(head.canonical).name
    return NEUTRAL.sub(f"../../{newest}/", _without_version(text, head.canonical, Path("r", canonical)))


def _without_version(text: str, canonical: str, path: Path) -> str:
    """A text in which the addresses of an edition's pages are those without its version."""
    below = f"{path.as_posix()}/" if path.parts else ""
    edition = canonical.removesuffix(below)
    if not below or edition != canonical:
        return text.replace(html.escape(edition), html.escape(re.sub(r"[^/]+/$", "", edition)))
    raise PageError(f"{path.as_posix()}: its canonical address is {canonical}, another page's")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


class _Head(HTMLParser):
    """What a page's head tells those who do not run its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.language, self.title, self.canonical = "ko", "", ""
        self.tags: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self._in_title = tag == "title"
        if tag == "html":
            self.language = found.get("lang", self.language)
        elif tag == "link" and found.get("rel") == "canonical":
            self.canonical = found.get("href", "")
        kept = found.get("rel", "").strip() in ("canonical", "alternate") and "type" not in found
        if kept or found.get("name") == "description" or found.get("property", "").startswith("og:"):
            attributes = "".join(f' {key}="{html.escape(value.strip())}"' for key, value in found.items())
            self.tags.append(f"<{tag}{attributes}>")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data.strip()

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False
