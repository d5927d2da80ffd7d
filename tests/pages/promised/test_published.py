"""What was published once stays, and the ledger of unproved rules only shrinks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.pages.small import APP, a_page, a_rule, a_site

from apparch.catalogue import Review, Text
from apparch.pages.promised.published import RECORD, ledger_faults, missing, publish, unproved, unpublished
from apparch.pages.proofs import Proofs, RuleProof
from apparch.pages.written.site import Site

PAGE = "# 문서\n\n## 4 {#4}\n\n### 4.2 {#4-2}\n\n### 이름 없음"
WHY = Text("가", "a")
REVIEWED = a_rule("IMG009", proof="review", review=Review(WHY, WHY))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty repository."""
    (tmp_path / "docs").mkdir()
    return tmp_path


def site(root: Path, *rules: str, page: str = PAGE, ledger: tuple[str, ...] = (), proved: tuple[str, ...] = ()) -> Site:
    """A page and rules, some in the ledger, some proved."""
    return a_site(
        root,
        a_page(page),
        rules=(*(a_rule(rule) for rule in rules or ("IMG001", "IMG002")), REVIEWED),
        ledger=dict.fromkeys(ledger, WHY),
        proofs=proofs(passed=proved),
    )


def proofs(**outcomes: tuple[str, ...]) -> Proofs:
    """A record in which one test of each rule ended so."""
    rules = {rule: (RuleProof("t", "run", outcome),) for outcome, named in outcomes.items() for rule in named}
    return Proofs((), rules, recorded=True)


def record(root: Path) -> Any:
    """The list of what is published."""
    return yaml.safe_load((root / RECORD).read_text("utf-8"))


def test_new_ids_are_unpublished(root: Path) -> None:
    """Rules and sections that the list lacks are named; a heading without an id is none."""
    assert ["IMG001", "IMG002", "IMG009", f"{APP}#4", f"{APP}#4-2"] == unpublished(site(root))


def test_publishing_lists_every_id(root: Path) -> None:
    """After publishing the list holds each rule and section, and nothing is new."""
    assert "published IMG001" == publish(site(root))[0]

    assert {"rules": ["IMG001", "IMG002", "IMG009"], "ledger": [], "sections": {APP: ["4", "4-2"]}} == record(root)
    assert [] == unpublished(site(root))
    assert [] == missing(site(root))


def test_a_removed_rule_is_missing(root: Path) -> None:
    """A published rule that leaves the catalogue is named with what to do."""
    publish(site(root))

    assert ["IMG001: was published and is gone; keep its page and say replaced_by in the catalogue"] == missing(
        site(root, "IMG002")
    )


def test_a_renamed_section_is_missing(root: Path) -> None:
    """A published section whose id changes is named with its page."""
    publish(site(root))

    assert [f"docs/{APP}: section #4-2 was published and is gone; restore its id"] == missing(
        site(root, page=PAGE.replace("#4-2", "#4-3"))
    )


def test_a_removed_page_is_missing(root: Path) -> None:
    """Each section of a published page that is gone is named."""
    publish(site(root))

    assert 2 == len(missing(a_site(root, rules=site(root).catalogue.families[0].rules)))


def test_publishing_removes_nothing(root: Path) -> None:
    """A rule or section that is gone stays on the list, whoever publishes."""
    publish(site(root))
    publish(site(root, "IMG002", page="# 문서"))

    assert ["IMG001", "IMG002", "IMG009"] == record(root)["rules"]
    assert {APP: ["4", "4-2"]} == record(root)["sections"]


def test_a_new_rule_may_enter_the_ledger(root: Path) -> None:
    """A rule that is published for the first time may wait for its proof."""
    publish(site(root, "IMG001"))
    publish(site(root, "IMG001", "IMG002", ledger=("IMG002",)))

    assert ["IMG002"] == record(root)["ledger"]
    assert [] == ledger_faults(site(root, "IMG001", "IMG002", ledger=("IMG002",)))


def test_a_published_rule_may_not_enter_the_ledger(root: Path) -> None:
    """A rule that once had a proof cannot lose it to the ledger, even by publishing again."""
    publish(site(root))
    grown = site(root, ledger=("IMG002",))
    publish(grown)

    assert [] == record(root)["ledger"]
    assert ["docs/ledger.yaml: IMG002: the ledger only shrinks; write the rule's proof"] == ledger_faults(grown)


def test_a_rule_leaves_the_ledger_for_ever(root: Path) -> None:
    """What has left the ledger must leave the list too, and cannot come back."""
    publish(site(root, ledger=("IMG001", "IMG002")))
    shorter = site(root, ledger=("IMG001",))

    assert [f"{RECORD}: IMG002 has left the ledger; run ./dev publish, so that it stays out"] == ledger_faults(shorter)
    publish(shorter)
    assert ["IMG001"] == record(root)["ledger"]
    assert ["docs/ledger.yaml: IMG002: the ledger only shrinks; write the rule's proof"] == ledger_faults(
        site(root, ledger=("IMG001", "IMG002"))
    )


# Each row: the ledger and what is proved, then the fault.
FAULTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "proved": (("IMG001",), ("IMG001",), "IMG001: is proved in this run; remove the entry"),
    "unknown": (("IMG077",), (), "IMG077: no such rule in the catalogue; remove the entry"),
    "reviewed": (("IMG009",), (), "IMG009: is proved by review; remove the entry"),
    "not published": (("IMG001",), (), "IMG001: is not published yet; run ./dev publish"),
}


@pytest.mark.parametrize(("ledger", "proved", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_wrong_entry_is_named(root: Path, ledger: tuple[str, ...], proved: tuple[str, ...], fault: str) -> None:
    """An entry that should not stand in the ledger is named with what to do."""
    assert [f"docs/ledger.yaml: {fault}"] == ledger_faults(site(root, ledger=ledger, proved=proved))


def test_every_rule_needs_someone_to_vouch_for_it(root: Path) -> None:
    """Only a rule with neither proof, nor review, nor ledger entry is unproved."""
    found = unproved(site(root, "IMG001", "IMG002", "IMG003", ledger=("IMG001",), proved=("IMG002",)))

    assert [
        "IMG003: no test of this run proves it; mark the test that does, or list the rule in docs/ledger.yaml"
    ] == found


@pytest.mark.parametrize("outcome", ["skipped", "failed"])
def test_only_a_passed_test_proves(root: Path, outcome: str) -> None:
    """A test that was skipped or failed vouches for nothing."""
    unvouched = a_site(root, rules=(a_rule("IMG001"),), proofs=proofs(**{outcome: ("IMG001",)}))

    assert ["IMG001"] == [line.split(":")[0] for line in unproved(unvouched)]
