"""Whether everything that the site promises was proved in this run, or is owed openly."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.breaches.coverage import lacking, needing
from tests.breaches.coverage import missing as missing_breaches
from tests.breaches.places import runs
from tests.breaches.share import commit_of, share_of_prose

from apparch.pages.promised.parity import differences, unconfirmed
from apparch.pages.promised.published import ledger_faults, missing, unproved, unpublished
from apparch.pages.proofs import PASSED
from apparch.pages.written.shown import all_blocks
from apparch.pages.written.site import Site, load_site

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site() -> Site:
    """The repository with the record of this run."""
    loaded = load_site(ROOT, ROOT / "build/proofs.json")
    assert loaded.proofs.recorded, "build/proofs.json is missing: run ./dev test"
    return loaded


def test_every_rule_is_vouched_for(site: Site) -> None:
    """Every rule has a proof in this run, a reviewer's question or an entry in the ledger."""
    assert [] == unproved(site)


def test_the_ledger_only_shrinks(site: Site) -> None:
    """The ledger holds no rule that is proved, unknown, reviewed, or that once had a proof."""
    assert [] == ledger_faults(site)


def test_no_proof_failed(site: Site) -> None:
    """No test that names a rule failed, and none was skipped."""
    wrong = [
        f"{rule}: {proof.test}: {proof.outcome}"
        for rule, tests in site.proofs.rules.items()
        for proof in tests
        if proof.outcome != PASSED
    ]

    assert [] == wrong


def test_every_block_was_judged_in_this_run(site: Site) -> None:
    """The run judged each block of each page as it stands now, and nothing else."""
    written = sorted((block.page, block.digest, block.origin) for block in all_blocks(site))

    assert written == sorted((proof.page, proof.digest, proof.origin) for proof in site.proofs.blocks)


def test_every_block_was_found_good(site: Site) -> None:
    """No judgement of the run failed or was skipped."""
    wrong = [
        f"{proof.page}: {proof.origin}: {proof.outcome}" for proof in site.proofs.blocks if proof.outcome != PASSED
    ]

    assert [] == wrong


def test_nothing_published_is_gone(site: Site) -> None:
    """Every rule ID and section id that was published once still leads somewhere."""
    assert [] == missing(site)


def test_everything_is_published(site: Site) -> None:
    """Every rule ID and section id is on the list that keeps it; ./dev publish adds new ones."""
    assert [] == unpublished(site)


def test_both_languages_have_the_same_shape(site: Site) -> None:
    """Sections, includes, rules, links and directives are the same in Korean and English."""
    assert [] == differences(site)


def test_every_translation_is_confirmed(site: Site) -> None:
    """No section and no rule changed on one side since somebody confirmed that both agree."""
    assert [] == unconfirmed(site)


def test_every_proof_that_asks_a_real_tool_has_been_seen_to_fail(site: Site) -> None:
    """As the record shows which rules a tool judged, each has three noticed breaches of different kinds."""
    needed = needing(site.catalogue, site.ledger, site.proofs)

    assert {} == {rule: why for rule, why in lacking(needed, site.breaches).items() if rule not in missing_breaches()}


def test_no_breach_was_missed(site: Site) -> None:
    """Each that this run carried out was noticed; all were whose proofs read files, of prose this commit's share."""
    wrong = [f"{proof.breach}: {proof.outcome}" for proof in site.proofs.breaches if proof.outcome != PASSED]
    reading = [breach for breach in site.breaches if breach.noticed_by and not runs(breach.noticed_by)]
    share = share_of_prose([breach for breach in site.breaches if breach.prose and breach.noticed_by], commit_of(ROOT))
    expected = [breach.id for breach in reading if not breach.prose or breach.id in share]
    left_out = [breach for breach in expected if site.proofs.outcome_of(breach) is None]

    assert ([], []) == (wrong, left_out)
