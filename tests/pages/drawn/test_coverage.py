"""What the page "Coverage" counts."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.pages.small import a_page, a_rule, a_site, write_snippet

from apparch.catalogue.editions import recorded
from apparch.pages.drawn import coverage
from apparch.pages.errors import PageError
from apparch.pages.proofs import BlockProof, BreachProof, Proofs, RuleProof
from apparch.pages.written.site import load_site

ROOT = Path(__file__).parents[3]
DRAWN = re.compile(r"<span.*?</span>| *\|? *<svg.*?</svg>")
BREACHES = """
- {id: IMG002-a, rule: IMG002, kind: plain, says: {ko: 가, en: a}, changes: [{in: snippets/a, gone: true}],
   noticed_by: "t::a"}
- {id: IMG002-b, rule: IMG002, kind: part, says: {ko: 나, en: b}, changes: [{in: snippets/a, gone: true}],
   noticed_by: "t::a"}
- {id: IMG002-c, rule: IMG002, kind: part, says: {ko: 다, en: c}, changes: [{in: snippets/a, gone: true}]}
- {id: IMG002-d, rule: IMG002, kind: allowed, says: {ko: 라, en: d}, changes: [{in: snippets/a, gone: true}]}
"""


def rows(words: str, root: Path = Path("no-such-folder"), **more: Any) -> list[list[str]]:
    """The cells of a table's rows, without what is drawn in them."""
    page = a_page(f"[[coverage: {words}]]", "rules/coverage", "en")
    lines = coverage.render(words, page, a_site(root, page, **more))
    told = [DRAWN.sub("", line) for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in told][2:]


def test_each_rule_is_counted_once_by_its_strongest_proof() -> None:
    """A rule proved in two ways counts for the one that shows more; the counts lead to their rules."""
    rules = (a_rule(), a_rule("IMG003"), a_rule("IMG004", proof="review"))
    tests = (RuleProof("a", "reference", "passed"), RuleProof("b", "check", "passed"))
    found = rows("proofs", rules=rules, proofs=Proofs((), {"IMG002": tests}, recorded=True))

    assert [
        ["[checker](index.md?proof=check)", "1"],
        ["[a question for reviewers](index.md?proof=review)", "1"],
        ["[none in this build](index.md?proof=none)", "1"],
    ] == [row[:2] for row in found]


def test_edits_are_counted_by_family_and_in_all(tmp_path: Path) -> None:
    """What was noticed ever, what of it in this build, what is allowed; one that nothing noticed counts nowhere."""
    write_snippet(tmp_path, "tests/breaches/IMG.yaml", BREACHES)
    seen = (BreachProof("IMG002-a", "IMG002", "t::a", "passed"), BreachProof("IMG002-b", "IMG002", "t::a", "failed"))
    found = rows("breaches", tmp_path, proofs=Proofs(recorded=True, breaches=seen))

    assert [["IMG · Images and tags", "1", "2", "1", "1"], ["**All**", "1", "2", "1", "1"]] == found


def test_blocks_are_counted_by_judge() -> None:
    """The busiest judge first, each with how many it found good."""
    blocks = [BlockProof("a.md", "ko", "python", str(n), "", judge, end) for n, (judge, end) in enumerate(
        [("mypy", "passed"), ("bash", "passed"), ("bash", "failed")]
    )]  # fmt: skip

    assert [["bash", "2", "1"], ["mypy", "1", "1"]] == rows("blocks", proofs=Proofs(tuple(blocks), recorded=True))


def test_editions_stand_beside_this_build(tmp_path: Path) -> None:
    """An edition has its rules from its record and the rest from its figures; this build has its own."""
    write_snippet(tmp_path, "docs/editions.yaml", "- {edition: 3.0.0, judged: 7}\n")
    found = rows("editions", tmp_path)

    assert ["Rules", "245", "1"] == found[0]
    assert ["Rules that `apparch check` judges", "7", "0"] == found[5]
    assert ["Rules awaiting proof", "", "0"] == found[6]


def test_the_editions_on_record_have_their_figures() -> None:
    """Each recorded edition has every figure, so that a trend never breaks off."""
    real = load_site(ROOT)

    assert {each.name: {"edition", *coverage.HELD} for each in recorded()} == {
        edition["edition"]: edition.keys() for edition in real.editions
    }


def test_another_table_is_refused() -> None:
    """A word that names no table says which there are."""
    with pytest.raises(PageError, match="there are proofs, breaches, blocks, editions"):
        rows("bananas")


def test_what_is_drawn_beside_a_number_tells_it_to_all(tmp_path: Path) -> None:
    """A column for each edition, named with the figure and its values; plain Markdown has the numbers alone."""
    write_snippet(tmp_path, "docs/editions.yaml", "- {edition: 3.0.0, judged: 7}\n")
    page = a_page("[[coverage: editions]]", "rules/coverage", "en")
    site = a_site(tmp_path, page)

    drawn = "\n".join(coverage.render("editions", page, site))
    plain = "\n".join(coverage.render("editions", replace(page, flavour="plain"), site))

    assert 'aria-label="Rules that apparch check judges: 3.0.0 7, This build 0"' in drawn
    assert drawn.count("<svg") == len(coverage.COUNTED)
    assert "<" not in plain
