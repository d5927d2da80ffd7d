"""Whether the diagrams show what is so."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from apparch.pages.promised.bound.diagrams import RECORD, diagram_names, undrawn
from apparch.pages.promised.bound.product import Product
from apparch.pages.written.data_files import read_data
from apparch.pages.written.site import Site, load_site

ROOT = Path(__file__).parents[4]

pytestmark = pytest.mark.xdist_group("bound")


@pytest.fixture(scope="module")
def site() -> Site:
    """The project's site."""
    return load_site(ROOT)


@pytest.fixture(scope="module")
def product() -> Product:
    """What the project's repositories have."""
    return Product(ROOT)


@pytest.mark.parametrize("name", diagram_names(ROOT))
def test_a_diagram_shows_what_is_so(site: Site, product: Product, name: str) -> None:
    """Every line is vouched for, and both languages draw the same graph."""
    assert [] == list(undrawn(name, site, product))


# Each row: the diagram, then what stands in a language's file and what it becomes.
UNTRUE: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "an arrow turned round": ("deploy-bump", {"en": ("review --> merge", "merge --> review")}),
    "an arrow turned round in both languages": (
        "deploy-bump",
        {"en": ("review --> merge", "merge --> review"), "ko": ("review --> merge", "merge --> review")},
    ),
    "a step in another place": (
        "shutdown",
        {
            "en": ("    kubelet->>app: SIGTERM\n", ""),
            "ko": ("    kubelet->>app: SIGTERM\n", ""),
        },
    ),
    "a status": ("probes", {"en": ("ready <-->|503|", "ready -->|500|"), "ko": ("ready <-->|503|", "ready -->|500|")}),
    "a variable": ("shutdown", {"en": ("DRAIN_SECONDS", "DRAIN_TIME"), "ko": ("DRAIN_SECONDS", "DRAIN_TIME")}),
    "a document": ("map", {"en": ("ARCH-DEPLOY-001", "ARCH-DEPLOY-002")}),
    "words": ("breaker", {"ko": ("시험 호출 하나라도 실패", "시험 호출이 모두 실패")}),
}


@pytest.mark.parametrize(("name", "edits"), UNTRUE.values(), ids=UNTRUE)
def test_an_untrue_edit_of_a_diagram_is_noticed(
    site: Site, product: Product, tmp_path: Path, name: str, edits: dict[str, tuple[str, str]]
) -> None:
    """A changed line, a lost one or one in another place is no longer what the record says."""
    shutil.copytree(ROOT / "snippets/diagrams", tmp_path / "snippets/diagrams")
    (tmp_path / "docs/claims").mkdir(parents=True)
    shutil.copy(ROOT / RECORD, tmp_path / RECORD)
    for language, (before, after) in edits.items():
        file = tmp_path / f"snippets/diagrams/{name}.{language}.mmd"
        assert before in file.read_text("utf-8")
        file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")

    assert list(undrawn(name, replace(site, root=tmp_path), product))


def test_every_recorded_diagram_exists() -> None:
    """The record holds no diagram that is gone."""
    assert diagram_names(ROOT) == sorted(read_data(ROOT, RECORD))
