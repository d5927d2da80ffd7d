"""The table of the contract that the site shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.contract.trees import APP, DEPLOY, Trees, copy_trees

from apparch.catalogue import Language
from apparch.contract import compare
from apparch.contract.model import LINKS
from apparch.pages.drawn.contract_table import TITLES, header, rows
from apparch.repository import Repository


@pytest.fixture(scope="module")
def reference() -> Trees:
    """The published trees."""
    return Trees(APP, DEPLOY)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_row_has_a_cell_for_every_column(language: Language, reference: Trees) -> None:
    """No cell is empty but a side that has nothing to say, and every rule that was judged has a row."""
    found = rows(reference.comparison, language)
    assert {len(row) for row in found} == {len(header(language))}
    judged = {each.rule for each in reference.comparison.judgements}
    assert {row[-2] for row in found} == judged
    assert all(row[2] or row[3] for row in found)


def test_both_languages_have_the_same_rows(reference: Trees) -> None:
    """They differ in their words only: link, environments, result."""
    korean, english = (rows(reference.comparison, language) for language in ("ko", "en"))
    assert [row[1:4] + row[5:6] for row in korean] == [row[1:4] + row[5:6] for row in english]
    assert {row[-1] for row in english} == {"agrees"}
    assert {row[-1] for row in korean} == {"일치"}


def test_every_link_has_a_title_in_both_languages() -> None:
    """A link without one would end the site's build."""
    assert set(TITLES) == set(LINKS)
    assert all(title.ko and title.en for title in TITLES.values())


def test_only_the_wanted_links_are_shown(reference: Trees) -> None:
    """A page about ports shows ports."""
    found = rows(reference.comparison, "en", ("port",))
    assert {row[-2] for row in found} == {"NET001", "NET003"}
    assert "`SERVICE_PORT=8080` (`config/.env.example:" in found[0][2] or "`8080`" in found[0][2]


def test_a_disagreement_is_shown_as_one(tmp_path: Path) -> None:
    """The table does not flatter."""
    trees = copy_trees(tmp_path)
    trees.replace("deploy", "k8s/overlays/production/patches/replicas.yaml", "3", "1")
    comparison = compare(Repository(trees.app), Repository(trees.deploy))
    wrong = [row for row in rows(comparison, "en") if row[-1] == "differs"]
    assert [(row[1], row[4], row[-2]) for row in wrong] == [("`replicas`", "production", "RES020")]
