"""Which parts repositories of all shapes have: a table of paths with tiny contents."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from apparch.kinds import kinds_of
from apparch.repository import Repository

TABLE: dict[str, Any] = yaml.safe_load(Path("tests/kinds/layouts.yaml").read_text("utf-8"))


@pytest.mark.parametrize("name", TABLE["layouts"])
def test_a_layout_has_its_parts(name: str) -> None:
    """Each part by its kind, and by its folder where it is not the whole."""
    layout = TABLE["layouts"][name]
    found = kinds_of(Repository.of(_files(layout["files"])))
    assert [f"{each.kind} {each.directory}".strip() for each in found.parts] == layout["parts"], found


@pytest.mark.parametrize("name", TABLE["layouts"])
def test_every_kind_has_its_evidence_and_none_a_word_of_what_it_is_instead(name: str) -> None:
    """In both languages, and evidence stands in files of the part."""
    files = _files(TABLE["layouts"][name]["files"])
    found = kinds_of(Repository.of(files))
    shown = [each for part in found.parts for each in part.evidence]
    texts = [found.neither, *(each.says for each in shown)][bool(shown) :]
    assert all(each and each.ko and each.en for each in texts)
    assert {each.place.path for each in shown} <= files.keys()


def _files(given: list[Any]) -> dict[str, str]:
    pairs = [pair for each in given for pair in (each.items() if isinstance(each, dict) else [(each, None)])]
    return {path: _content(path) if content is None else content for path, content in pairs}


def _content(path: str) -> str:
    name = path.rpartition("/")[2]
    fits = (
        text for pattern, text in TABLE["contents"].items() if fnmatchcase(name, pattern) or fnmatchcase(path, pattern)
    )
    return str(next(fits))
