"""What `docs/search.yaml` tells the search beside the pages: words taken for one another, and names of places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from apparch.catalogue import Language
from apparch.catalogue.yaml_text import read

FILE = "docs/search.yaml"


@dataclass(frozen=True)
class SearchWords:
    """What readers say in other words than the texts."""

    synonyms: Mapping[Language, tuple[tuple[str, ...], ...]]
    """Groups of words that mean the same; the first is the one that the texts use."""
    names: Mapping[Language, Mapping[str, tuple[str, ...]]]
    """What readers call a chapter or section, by its published address without a slash before its `#` or its end."""


def load_search_words(root: Path) -> SearchWords:
    """The words of a repository's search; none where it has no such file."""
    file = root / FILE
    said = read(file.read_text("utf-8")) if file.is_file() else {"synonyms": {}, "names": {}}
    return SearchWords(
        synonyms={
            language: tuple(tuple(map(str, group)) for group in groups) for language, groups in said["synonyms"].items()
        },
        names={
            language: {place: tuple(map(str, names)) for place, names in places.items()}
            for language, places in said["names"].items()
        },
    )
