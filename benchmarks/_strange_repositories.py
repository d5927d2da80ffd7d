"""How right `apparch check` is on repositories of others: precision and recall against labels that a person wrote.

The folder holds one repository in each of its folders, the labels file says of each what reading it showed:

    trees:
      NAME:                      # the folder's name
        set: untouched           # or tuning; only one is measured at a time
        kind: [app]              # [app], [deploy], [app, deploy], or [] for neither
        read: 3f2a9c1            # the commit of the checker whose findings were judged
        findings:                # up to five of each rule: the first ones, by file and line
          - {rule: IMG015, at: "Dockerfile:1", right: true}
        breaches: [IMG015]       # rules that its files break, written down before the checker ran; may be left out

A finding is right where the rule's own sentence is broken there. Precision is the share of right ones among the
findings that are told now and labelled; what has no label is counted apart, and nothing is said of it. Recall is the
share of `breaches` whose rule is told at all, over the trees that have them. `--draft` prints labels still to be
filled in. Nothing of the repositories is kept.
"""

from __future__ import annotations

import math
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from apparch import check
from apparch.report.model import Report

MOST = 5
"""Findings of one rule in one tree that are judged."""
Z = 1.96
"""Of an interval in which the true share lies in 19 of 20 cases."""


@dataclass(frozen=True)
class Measured:
    """What one set of labelled trees showed."""

    kinds: tuple[int, int]
    """Trees whose kind was told right, and all."""
    right: Mapping[str, int]
    wrong: Mapping[str, int]
    """Labelled findings that are told, by rule."""
    unlabelled: int
    found: Mapping[str, int]
    missed: Mapping[str, int]
    """Breaches that were written down, by rule."""

    @property
    def precision(self) -> tuple[int, int]:
        """Right findings, and all that are labelled."""
        right = sum(self.right.values())
        return right, right + sum(self.wrong.values())

    @property
    def recall(self) -> tuple[int, int]:
        """Breaches that were told, and all that were written down."""
        found = sum(self.found.values())
        return found, found + sum(self.missed.values())


def measure(folder: Path, labels: Mapping[str, Any], chosen: str) -> Measured:
    """Check every tree of a set and compare.

    Raises:
        FileNotFoundError: a labelled tree is not in the folder.
    """
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    found: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    kinds = unlabelled = trees = 0
    for name, label in labels["trees"].items():
        if label["set"] != chosen:
            continue
        if not (folder / name).is_dir():
            raise FileNotFoundError(f"{folder / name}: a tree of the labels is not there")
        report = check(folder / name)
        trees += 1
        kinds += sorted({each.kind for each in report.parts}) == sorted(label["kind"])
        known = {(each["rule"], each["at"]): each["right"] for each in label.get("findings", ())}
        for rule, place in told(report):
            verdict = known.get((rule, place))
            right[rule] += verdict is True
            wrong[rule] += verdict is False
            unlabelled += verdict is None
        rules = {rule for rule, _ in told(report)}
        for rule in label.get("breaches", ()):
            (found if rule in rules else missed)[rule] += 1
    return Measured((kinds, trees), right, wrong, unlabelled, found, missed)


def told(report: Report) -> Iterator[tuple[str, str]]:
    """The first findings of each rule, with their places."""
    seen: Counter[str] = Counter()
    for each in report.results:
        seen[each.finding.rule] += 1
        if seen[each.finding.rule] <= MOST:
            yield each.finding.rule, f"{each.finding.place.path}:{each.finding.place.line}"


def interval(part: int, whole: int) -> tuple[float, float]:
    """Where a share lies, by Wilson's score."""
    if not whole:
        return 0.0, 1.0
    share, square = part / whole, Z * Z / whole
    middle = (share + square / 2) / (1 + square)
    half = Z * math.sqrt(share * (1 - share) / whole + square / (4 * whole)) / (1 + square)
    return middle - half, middle + half


def table(measured: Measured) -> list[list[object]]:
    """A row a rule: findings judged, false ones, breaches written down, missed ones."""
    rules = sorted({*measured.right, *measured.wrong, *measured.found, *measured.missed})
    return [
        [
            rule,
            measured.right[rule] + measured.wrong[rule],
            measured.wrong[rule],
            measured.found[rule] + measured.missed[rule],
            measured.missed[rule],
        ]
        for rule in rules
    ]


def said(name: str, counted: tuple[int, int]) -> str:
    """A share with its interval."""
    part, whole = counted
    low, high = interval(part, whole)
    return f"{name} {part}/{whole} = {part / whole if whole else 0:.3f} ({low:.3f}-{high:.3f})"


def draft(folder: Path, chosen: str) -> str:
    """Labels of every tree, with `right` left open."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    trees: dict[str, Any] = {}
    for tree in sorted(each for each in folder.iterdir() if each.is_dir()):
        report = check(tree)
        trees[tree.name] = {
            "set": chosen,
            "kind": sorted({each.kind for each in report.parts}),
            "read": commit.stdout.strip(),
            "findings": [{"rule": rule, "at": place, "right": None} for rule, place in told(report)],
        }
    return yaml.safe_dump({"trees": trees}, sort_keys=False, allow_unicode=True, width=120)


def run(folder: Path, labels: Path | None, chosen: str) -> int:
    """Print the measure, or a draft where there are no labels yet."""
    if labels is None:
        print(draft(folder, chosen))
        return 0
    measured = measure(folder, yaml.safe_load(labels.read_text("utf-8")), chosen)
    print("rule    judged  false  breaches  missed")
    for rule, judged, false, breaches, missed in table(measured):
        print(f"{rule:<8}{judged:>6}{false:>7}{breaches:>10}{missed:>8}")
    print(said("precision", measured.precision), f"and {measured.unlabelled} without a label")
    print(said("recall", measured.recall))
    print(said("kinds", measured.kinds))
    return 0
