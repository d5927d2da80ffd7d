"""What a test run proved: the record, read for the pages' badges, merged from the parts of a run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PASSED = "passed"
STRENGTH = ("check", "contract", "run", "tool", "reference")
"""Kinds of proof, what shows most first: the checker, the comparison of two repositories, running behaviour, a real
tool's judgement, and an assertion about the reference repository."""


@dataclass(frozen=True)
class BlockProof:
    """What judged one code block of one page."""

    page: str
    """The page's file below docs/."""
    language: str
    kind: str
    digest: str
    origin: str
    judge: str
    outcome: str


@dataclass(frozen=True)
class RuleProof:
    """A test that names a rule, with its outcome."""

    test: str
    kind: str
    """What ran, as `what_ran` saw it."""
    outcome: str


@dataclass(frozen=True)
class BreachProof:
    """A breach that was carried out in this run, with the test that had to notice it."""

    breach: str
    rule: str
    """The rule that it breaks, or the page that it makes untrue."""
    test: str
    """What had to turn red; empty for what a rule allows, on which nothing may."""
    outcome: str
    """Passed where the breach was noticed, or what is allowed was not."""


@dataclass(frozen=True)
class Run:
    """One run of tests that a record holds the outcomes of."""

    ended: str
    """When, in UTC, as in ISO 8601."""
    commit: str
    """What was checked out, as 40 hex digits; empty where no Git repository was."""
    changed: bool
    """Whether files differed from that commit."""
    quick: bool = False
    """Whether only what proves quickly ran."""


@dataclass(frozen=True)
class Proofs:
    """The record of a run; empty where there was none."""

    blocks: tuple[BlockProof, ...] = ()
    rules: Mapping[str, tuple[RuleProof, ...]] = field(default_factory=dict)
    recorded: bool = False
    """Whether a record was there to read."""
    breaches: tuple[BreachProof, ...] = ()
    tree: str = ""
    """Digest of the files that were judged, in a record that may outlive its run."""
    runs: tuple[Run, ...] = ()
    """The runs that the record is made of, the earliest first."""

    @classmethod
    def read(cls, file: Path) -> Proofs:
        """The record in a file; the empty one where the file is missing."""
        if not file.is_file():
            return cls()
        data = json.loads(file.read_text("utf-8"))
        return cls(
            tuple(BlockProof(**entry) for entry in data["blocks"]),
            {rule: tuple(RuleProof(**entry) for entry in tests) for rule, tests in data["rules"].items()},
            recorded=True,
            breaches=tuple(BreachProof(**entry) for entry in data.get("breaches", ())),
            tree=data.get("tree", ""),
            runs=tuple(Run(**entry) for entry in data.get("runs", ())),
        )

    @property
    def quick(self) -> bool:
        """Whether only quick runs were recorded: what is missing here is for the long run to prove."""
        return bool(self.runs) and all(run.quick for run in self.runs)

    def proves(self, rule: str) -> bool:
        """Whether at least one test of the rule passed and none failed; a skipped test proves nothing."""
        outcomes = {proof.outcome for proof in self.rules.get(rule, ())}
        return PASSED in outcomes and "failed" not in outcomes

    def outcome_of(self, breach: str) -> str | None:
        """What became of a breach in this run, or None where it was not carried out."""
        outcomes = {proof.outcome for proof in self.breaches if proof.breach == breach}
        return next((outcome for outcome in ("failed", "skipped", PASSED) if outcome in outcomes), None)

    def kinds(self, rule: str) -> tuple[str, ...]:
        """What ran in the rule's tests that passed, what shows most first."""
        ran = {proof.kind for proof in self.rules.get(rule, ()) if proof.outcome == PASSED}
        return tuple(sorted(ran, key=STRENGTH.index))

    def judge_of(self, digest: str) -> str | None:
        """What judged a block of this digest and found it good, if anything did."""
        found = [proof for proof in self.blocks if proof.digest == digest]
        if found and all(proof.outcome == PASSED for proof in found):
            return found[0].judge
        return None


def merge(records: Iterable[Proofs]) -> Proofs:
    """One record from the parts of a run."""
    blocks: list[BlockProof] = []
    breaches: list[BreachProof] = []
    rules: dict[str, tuple[RuleProof, ...]] = {}
    runs: list[Run] = []
    for record in records:
        runs.extend(record.runs)
        blocks.extend(record.blocks)
        breaches.extend(record.breaches)
        for rule, tests in record.rules.items():
            rules[rule] = rules.get(rule, ()) + tests
    together = tuple(sorted(runs, key=lambda run: run.ended))
    return Proofs(tuple(blocks), rules, recorded=True, breaches=tuple(breaches), runs=together)


def write(record: Proofs, file: Path) -> None:
    """Write a record as JSON, sorted, so that equal runs give equal files."""
    data: dict[str, Any] = {
        "blocks": sorted((asdict(block) for block in record.blocks), key=lambda block: list(block.values())),
        "rules": {
            rule: sorted((asdict(test) for test in tests), key=lambda test: str(test["test"]))
            for rule, tests in sorted(record.rules.items())
        },
        "breaches": sorted((asdict(breach) for breach in record.breaches), key=lambda breach: list(breach.values())),
    }
    if record.runs:
        data["runs"] = [asdict(run) for run in record.runs]
    if record.tree:
        data["tree"] = record.tree
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
