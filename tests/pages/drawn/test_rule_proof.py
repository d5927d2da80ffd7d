"""What a rule's page tells of its proof, and what it leaves untold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.pages.small import a_page, a_rule, a_site, write_snippet

from apparch.catalogue import Language, Review, Rule, Text
from apparch.pages.drawn import rule_proof
from apparch.pages.proofs import BreachProof, Proofs, RuleProof, Run
from apparch.pages.written.origin import Origin
from apparch.pages.written.site import Site

BREACHES = """
- {id: IMG002-again, rule: IMG002, kind: plain, says: {ko: 태그를 다시 쓴다, en: a tag is written again},
   changes: [{in: snippets/a, gone: true}], noticed_by: "tests/test_a.py::test_a"}
- {id: IMG002-blind, rule: IMG002, kind: part, says: {ko: 반만 쓴다, en: half is written},
   changes: [{in: snippets/a, gone: true}]}
- {id: IMG002-new, rule: IMG002, kind: allowed, says: {ko: 새 태그를 쓴다, en: a new tag is written},
   changes: [{in: snippets/a, gone: true}]}
"""
TEST = 'def test_a():\n    """It [never] moves a `tag_*`."""\n'
FIRST = Run("2026-11-27T08:00:00+00:00", "a" * 40, changed=False)


def proofs(*cases: tuple[str, str, str], runs: tuple[Run, ...] = ()) -> Proofs:
    """A record of the rule's tests: name, kind, outcome."""
    return Proofs((), {"IMG002": tuple(RuleProof(*case) for case in cases)}, recorded=True, runs=runs)


def told(of: Site, language: Language = "en", rule: Rule | None = None) -> str:
    """The part of the rule's page about its proof."""
    page = a_page("", "rules/IMG002", language)
    return "\n".join(rule_proof.proof(rule or of.catalogue.rules["IMG002"], page, of))


def site(root: Path = Path("no-such-folder"), **more: Any) -> Site:
    """A site of one rule."""
    return a_site(root, **more)


@pytest.mark.parametrize("outcome", ["passed", "failed", "skipped"])
def test_its_tests_are_listed_as_they_ended(outcome: str) -> None:
    """Each test that names the rule is listed with its outcome, by its name where no source is found."""
    found = told(site(proofs=proofs(("tests/test_a.py::test_a", "run", outcome))))

    assert f"- `tests/test_a.py::test_a` (run, {outcome})" in found


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", r"It \[never\] moves a `tag_*`"), ("ko", r'<span lang="en">It \[never\] moves a `tag_*`</span>')],
)
def test_a_test_is_told_by_its_sentence(tmp_path: Path, language: Language, sentence: str) -> None:
    """The docstring's sentence leads to the source's page and line, and keeps its language."""
    write_snippet(tmp_path, "tests/test_a.py", TEST)
    found = told(site(tmp_path, proofs=proofs(("tests/test_a.py::test_a", "run", "passed"))), language)

    assert f"- [{sentence}](../source/tests/test_a.py/index.html#L1) (" in found


def test_cases_of_a_test_are_counted_and_the_worst_is_told() -> None:
    """A test with several cases is one line, failed where one of them failed."""
    found = told(site(proofs=proofs(("t::a[1]", "run", "passed"), ("t::a[2]", "run", "failed"))))

    assert "- `t::a` (run, 2 cases, failed)" in found


def test_many_tests_are_folded() -> None:
    """Eight are shown, the others are there to be opened; the words of none are searched."""
    found = told(site(proofs=proofs(*((f"t::{n:02}", "run", "passed") for n in range(10)))))

    assert 8 == sum(line.startswith("- `t") for line in found.split("\n"))
    assert '??? note "2 more tests"\n\n    - `t::08`' in found
    assert '<div class="proof-tests" data-search-exclude markdown>' in found


def test_the_kind_is_explained_and_whose_repository_was_proved() -> None:
    """Each kind that ran has its meaning, and the proof is said to be of the reference app."""
    found = told(site(proofs=proofs(("t::a", "run", "passed"), ("t::b", "tool", "passed"))))

    assert "- **run** The reference app, or a script of the reference repositories, was run" in found
    assert "- **real tool** A real tool" in found
    assert "It speaks of this project's reference app, its Deploy repo and the rule's examples. Whether your " in found


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ((), ""),
        ((FIRST,), "Run on 2026-11-27 08:00 UTC at commit `aaaaaaaaaaaa`."),
        (
            (FIRST, Run("2026-11-27T18:10:00+09:00", "", changed=True)),
            "Run on 2026-11-27 09:10 UTC at commit `aaaaaaaaaaaa`, files of no known commit. "
            "Some files differed from it at that time.",
        ),
    ],
)
def test_it_is_said_when_it_ran_on_what(runs: tuple[Run, ...], words: str) -> None:
    """The last run's time and every run's commit; nothing where the record does not say."""
    assert words == rule_proof.recorded(site(proofs=proofs(runs=runs)), "en")


def test_a_commit_leads_to_the_repository() -> None:
    """Where the repository is named, the commit is a link."""
    found = rule_proof.recorded(site(proofs=proofs(runs=(FIRST,)), origin=Origin("https://git.example/o/n")), "en")

    assert f"[`aaaaaaaaaaaa`](https://git.example/o/n/commit/{'a' * 40})" in found


def test_a_question_for_reviewers_is_no_proof() -> None:
    """A rule for people does not read as if somebody had reviewed this build."""
    review = Review(Text("맞는가?", "Is it right?"), Text("뜻의 문제다.", "It is a matter of meaning."))
    found = told(site(rules=(a_rule(proof="review", review=review),)))

    assert "It does not mean that this build was reviewed." in found
    assert "reference app" not in found


def test_a_build_without_a_record_claims_nothing() -> None:
    """It says how the record is made."""
    assert "This build was made without a record of proofs" in told(site())


def test_what_will_prove_it_is_told_in_the_readers_language() -> None:
    """A rule in the ledger says what will bring its proof."""
    owed = site(ledger={"IMG002": Text("레지스트리 시험", "the registry test")})

    assert "증명을 가져올 것: 레지스트리 시험" in told(owed, "ko")
    assert "What will bring the proof: the registry test" in told(owed, "en")


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ((), "not run in this build"),
        (("passed",), "seen in this build"),
        (("passed", "failed"), "not so in this build"),
    ],
)
def test_what_a_proof_has_noticed_is_listed(tmp_path: Path, ended: tuple[str, ...], words: str) -> None:
    """A breach leads to its proof and says what became of it in this build; one never noticed is not told."""
    write_snippet(tmp_path, "tests/breaches/IMG.yaml", BREACHES)
    write_snippet(tmp_path, "tests/test_a.py", TEST)
    seen = tuple(BreachProof("IMG002-again", "IMG002", "tests/test_a.py::test_a", outcome) for outcome in ended)
    of = site(tmp_path, proofs=Proofs(recorded=True, breaches=seen))
    shown = "\n".join(rule_proof.breaches(of.catalogue.rules["IMG002"], a_page("", "rules/IMG002", "en"), of))

    assert f"- a tag is written again ([{words}](../source/tests/test_a.py/index.html#L1))" in shown
    assert "half is written" not in shown
    assert "What the rule allows, on which its proofs stay green:\n\n- a new tag is written (not run" in shown
