"""The modules that pages document, apart from the packages they belong to: reading a whole package takes seconds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from apparch.pages.written.site import Page

DOCUMENTED = re.compile(r"^::: ([\w.]+)$", re.MULTILINE)
SOURCES = ("src", "snippets/app/src")
"""Where packages are, from the repository's root."""


def documented_code(pages: Iterable[Page], root: Path) -> dict[str, bytes]:
    """The files of the modules that pages document, by their paths below a folder of packages.

    A package is there with all that it holds, a module with the packages that it stands in.
    """
    modules = {name for page in pages for name in DOCUMENTED.findall(page.text)}
    return {
        str(file.relative_to(source)): file.read_bytes()
        for source in (root / each for each in SOURCES)
        for name in modules
        for file in _files(source, name.split("."))
    }


def _files(source: Path, parts: Sequence[str]) -> Iterator[Path]:
    place = source.joinpath(*parts)
    own = [*place.rglob("*.py")] if place.is_dir() else [place.with_suffix(".py")]
    around = [source.joinpath(*parts[:length], "__init__.py") for length in range(1, len(parts))]
    yield from (file for file in (*around, *own) if file.is_file())
