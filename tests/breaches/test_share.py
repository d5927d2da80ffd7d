"""Each commit has its own share of what runs, and it is the same each time."""

from __future__ import annotations

from dataclasses import replace

from tests.breaches.places import RUNNING, cost, runs
from tests.breaches.share import SECONDS, share, share_of_allowed, share_of_prose
from tests.breaches.small import a_breach

BREACHES = [
    replace(a_breach("AAA001"), id=f"AAA001-{number}", noticed_by=f"{place}test_a.py::test_a")
    for number, place in enumerate(
        ("tests/image/", "tests/deploy/test_scripts", "snippets/app/tests/integration/") * 40
    )
]


def test_a_share_is_repeatable_and_differs_by_commit() -> None:
    """The order in which breaches are written is no matter."""
    assert share(BREACHES, "a") == share(BREACHES[::-1], "a")
    assert share(BREACHES, "a") != share(BREACHES, "b")


def test_a_share_keeps_to_its_time() -> None:
    """No more is taken than fits, and nothing that still fits is left."""
    chosen = [breach for breach in BREACHES if breach.id in share(BREACHES, "a")]
    spent = sum(cost(breach.noticed_by or "") for breach in chosen)
    assert SECONDS - min(RUNNING.values()) * 3 < spent <= SECONDS


def test_every_breach_has_its_turn() -> None:
    """Over some hundred commits each was carried out."""
    seen = frozenset[str]().union(*(share(BREACHES, str(commit)) for commit in range(400)))
    assert seen == {breach.id for breach in BREACHES}


def test_what_reads_is_in_no_share() -> None:
    """It is carried out in every run anyway."""
    assert not runs("tests/contract/test_agreement.py::test_a")
    assert share([replace(a_breach("AAA001"), noticed_by="tests/contract/test_agreement.py::test_a")], "a") == set()


def test_each_commit_has_its_own_allowed_edits() -> None:
    """As many as are asked for, others for another commit, and all of them over time."""
    chosen = [share_of_allowed(BREACHES, str(commit), 5) for commit in range(400)]
    assert {len(ids) for ids in chosen} == {5}
    assert chosen[0] != chosen[1]
    assert frozenset[str]().union(*chosen) == {breach.id for breach in BREACHES}


def test_each_commit_has_its_own_sentences() -> None:
    """A third of them, rounded up, others for another commit, and all of them over time."""
    chosen = [share_of_prose(BREACHES[:100], str(commit)) for commit in range(100)]
    assert {len(ids) for ids in chosen} == {34}
    assert chosen[0] != chosen[1]
    assert frozenset[str]().union(*chosen) == {breach.id for breach in BREACHES[:100]}
