"""Every breach turns its proof red, and what a rule allows turns none red."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.breaches.judge import Judge
from tests.breaches.places import runs
from tests.breaches.searching import candidates
from tests.breaches.share import commit_of, share, share_of_allowed, share_of_prose

from apparch.catalogue import load_catalogue
from apparch.pages.breaches import Breach, read_breaches
from apparch.pages.proved.pytest_plugin import BREACH

ROOT = Path(__file__).resolve().parents[2]
READ = read_breaches(ROOT, load_catalogue().rules)
RULES = [breach for breach in READ.all if not breach.prose]
RUNNING = [breach for breach in RULES if runs(breach.noticed_by or "")]
COMMIT = commit_of(ROOT)
SHARE = share(RUNNING, COMMIT)
PROSE = [breach for breach in READ.all if breach.prose and breach.noticed_by]
SHARE_OF_PROSE = share_of_prose(PROSE, COMMIT)
READING = [each for each in RULES if each.noticed_by and each not in RUNNING]
ALLOWED = [breach for breach in RULES if breach.allowed]
SHARE_OF_ALLOWED = share_of_allowed(ALLOWED, COMMIT)
AT_ONCE = 25
"""How many breaches of one proof file a worker takes in a row, so that it runs the proof unedited but once."""


def _grouped(breaches: Sequence[Breach], *marks: pytest.MarkDecorator) -> list[Any]:
    counted: Counter[str] = Counter()
    params = []
    for breach in breaches:
        file = (breach.noticed_by or "allowed").partition("::")[0]
        group = f"breaches of {file} {counted[file] // AT_ONCE}"
        counted[file] += 1
        params.append(pytest.param(breach, id=breach.id, marks=[pytest.mark.xdist_group(group), *marks]))
    return params


Record = Callable[[str, object], None]


@pytest.mark.parametrize("breach", _grouped([breach for breach in RUNNING if breach.id in SHARE]))
def test_a_running_proof_notices_the_breach(breach: Breach, judge: Judge, record_property: Record) -> None:
    """Its proof, green as it stands, turns red; each commit has its own share of them."""
    _must_notice(breach, judge, record_property)


@pytest.mark.parametrize("breach", _grouped([*READING, *(each for each in PROSE if each.id in SHARE_OF_PROSE)]))
def test_the_proof_notices_the_breach(breach: Breach, judge: Judge, record_property: Record) -> None:
    """Its proof, green as it stands, turns red; of a sentence, although its translation was recorded as compared."""
    _must_notice(breach, judge, record_property)


@pytest.mark.parametrize("breach", _grouped([breach for breach in ALLOWED if breach.id in SHARE_OF_ALLOWED]))
def test_what_a_rule_allows_is_let_pass(
    breach: Breach, judge: Judge, marks: Mapping[str, tuple[str, ...]], record_property: Record
) -> None:
    """The rule's proofs that read files stay green; the benchmark runs the others, and all allowed edits."""
    proofs = [test for test in candidates(breach, marks) if not runs(test)]
    if proofs:
        verdict = judge.lets_all_pass(breach, proofs)
        record_property(BREACH, [breach.id, breach.subject, ""])
        assert (verdict.outcome, verdict.message) == ("green", "")


def _must_notice(breach: Breach, judge: Judge, record_property: Record) -> None:
    record_property(BREACH, [breach.id, breach.subject, breach.noticed_by])
    verdict = judge.noticed(breach)
    assert verdict.outcome == "noticed", (
        f"{breach.file}: {breach.id}: {verdict.outcome} {verdict.test}: {verdict.message}"
    )
