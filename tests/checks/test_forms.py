"""The commonest forms in which repositories break a rule are told, and what only looks like each is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.checks.examples import RULES

from apparch.assess import Options, assess
from apparch.catalogue import yaml_text
from apparch.pages.written.examples import files_below
from apparch.repository import Repository

FORMS: list[dict[str, Any]] = [
    {"rule": file.stem.partition("-")[0], **each}
    for file in sorted((Path(__file__).parent / "forms").glob("*.yaml"))
    for each in yaml_text.read(file.read_text("utf-8"))
]
BASES = {name: files_below(RULES / name) for name in ("app", "go", "node")} | {"none": {}}


def _told(form: dict[str, Any], files: dict[str, str]) -> list[str]:
    """Where the form's rule is told, path:line, in its base with some files replaced and some removed."""
    base: dict[str, bytes] = BASES[form.get("base", "app")]
    removed = tuple(form.get("removes", ()))
    kept = {path: content for path, content in base.items() if not path.startswith(removed)} if removed else base
    tree = Repository.of({**kept, **{path: text.encode() for path, text in files.items()}})
    places = (each.finding.place for each in assess(tree, Options(select=(form["rule"],), kind="app")).results)
    return sorted(f"{each.path}:{each.line}" for each in places)


@pytest.mark.parametrize("form", FORMS, ids=lambda each: f"{each['rule']}: {each['form']}")
def test_a_form_is_told_where_it_stands(form: dict[str, Any]) -> None:
    """The rule is told at the lines that the form announces, and at no other."""
    assert _told(form, form["files"]) == form["finds"]


NEAR = [each for each in FORMS if "near" in each]


@pytest.mark.parametrize("form", NEAR, ids=lambda each: f"{each['rule']}: {each['form']}")
def test_what_only_looks_like_a_form_is_not_told(form: dict[str, Any]) -> None:
    """The rule is told nowhere."""
    assert _told(form, form["near"]) == []
